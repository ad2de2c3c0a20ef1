"""The error of a service that said no, did not answer, or whose job failed."""

__all__ = ["ServiceError"]


class ServiceError(Exception):
    """A service refused a request, a job failed, or there was no answer.

    Attributes:
        code: for programs, such as ``service.photo_too_large``; ``client.unreachable`` where there was no answer,
            ``client.timeout`` where a job was not waited for any longer.
        status: of HTTP; 0 where there was no answer.
        detail: what failed.
        remedy: what to do; may be empty.
    """

    def __init__(self, code: str, *, status: int = 0, detail: str = "", remedy: str = "") -> None:
        super().__init__(f"{detail} {remedy}".strip() or code)
        self.code, self.status, self.detail, self.remedy = code, status, detail, remedy
