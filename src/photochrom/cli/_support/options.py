"""Flags: those that several commands have with one meaning, and those made from the fields of options."""

import dataclasses
import functools
import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

import typer

if TYPE_CHECKING:
    from photochrom.provenance import Signer

__all__ = [
    "Device",
    "Jobs",
    "Key",
    "Model",
    "Quiet",
    "Sign",
    "open_signer",
    "read_options",
    "refuse_flags",
    "takes_options",
]

T = TypeVar("T")

Model = Annotated[str | None, typer.Option(metavar="NAME|FILE", help="The network; see  photochrom models.")]
Device = Annotated[str, typer.Option(metavar="NAME", help="auto, cpu, cuda, coreml, directml or openvino.")]
Jobs = Annotated[
    int | None, typer.Option("--jobs", "-j", metavar="N", help="Photos at the same time. [default: one a processor]")
]
Sign = Annotated[
    str | None, typer.Option(metavar="CERT", help="Sign results with C2PA: the certificate and those above it, PEM.")
]
Key = Annotated[str | None, typer.Option(metavar="KEY", help="Of --sign: its private key, PKCS#8 in PEM.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]


def takes_options(
    kind: type, *, after: str, leave_out: Sequence[str] = (), texts: Mapping[str, str] = types.MappingProxyType({})
) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Gives a command a flag for each field of a class of options; it gets their values as ``**fields``.

    A field's help, range and metavar stand in its annotation. Numbers and switches are flags of their type; all else is
    text, to be read by :func:`read_options` or by the command.

    Args:
        kind: a dataclass of options.
        after: the parameter of the command behind which the flags stand in its help.
        leave_out: fields without a flag.
        texts: help that differs from the field's own.
    """

    def decorate(command: Callable[..., T]) -> Callable[..., T]:
        own = list(inspect.signature(command).parameters.values())
        place = next(number for number, parameter in enumerate(own) if parameter.name == after) + 1
        flags = [
            _make_flag(kind, field, texts.get(field.name))
            for field in dataclasses.fields(kind)
            if field.name not in leave_out
        ]
        kept = [parameter for parameter in own if parameter.kind is not inspect.Parameter.VAR_KEYWORD]
        parameters = [*kept[:place], *flags, *kept[place:]]
        hints = get_type_hints(command, include_extras=True)

        @functools.wraps(command)
        def call(*args: Any, **kwargs: Any) -> T:
            return command(*args, **kwargs)

        call.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [parameter.replace(annotation=hints.get(parameter.name, parameter.annotation)) for parameter in parameters]
        )
        call.__annotations__ = {
            parameter.name: hints.get(parameter.name, parameter.annotation) for parameter in parameters
        }
        return call

    return decorate


def read_options(kind: type[T], fields: Mapping[str, Any]) -> T:
    """Returns options from the values of flags; what was not given has the field's default.

    Raises:
        OptionError: a value is out of range.
    """
    from photochrom.color.palette import split_palette

    readers: dict[str, Callable[[str], Any]] = {"palette": split_palette}
    given = {name: value for name, value in fields.items() if value is not None}
    return kind(**{name: readers[name](value) if name in readers else value for name, value in given.items()})


def open_signer(sign: str | None, key: str | None) -> "Signer | None":
    """Returns what signs with a certificate and its key; None where neither is given.

    Raises:
        OptionError: only one is given, or they cannot sign.
        MissingDependencyError: the library is not installed.
    """
    from photochrom.errors import OptionError

    if sign is None and key is None:
        return None
    if sign is None or key is None:
        flag, other = ("--sign", "--key") if key is None else ("--key", "--sign")
        raise OptionError("command.flag_needs_another", flag=flag, other=other)
    from photochrom.provenance import load_signer

    return load_signer(sign, key)


def refuse_flags(what: str, given: Mapping[str, bool]) -> None:
    """Refuses the first flag that was given, for it does not go with ``what``.

    Raises:
        OptionError: one was given.
    """
    from photochrom.errors import OptionError

    for flag, is_given in given.items():
        if is_given:
            raise OptionError("command.flag_unsuitable", flag=flag, what=what)


def _make_flag(kind: type, field: "dataclasses.Field[Any]", text: str | None) -> inspect.Parameter:
    from photochrom.options import Help, Range

    annotation = get_type_hints(kind, include_extras=True)[field.name]
    about = {type(entry): entry for entry in getattr(annotation, "__metadata__", ())}
    own = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    plain = own if own in (bool, int, float) else next((part for part in get_args(own) if part in (int, float)), str)
    is_optional = plain is str or type(None) in get_args(own)
    described: Help = about[Help]
    metavar = described.metavar
    if not metavar and plain is float and Range in about:
        metavar = f"{about[Range].low:g}..{about[Range].high:g}"
    flag = "--" + field.name.replace("_", "-")
    option = typer.Option(flag, metavar=metavar or (None if plain is bool else "N"), help=text or described.text)
    return inspect.Parameter(
        field.name,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        default=None if is_optional else field.default,
        annotation=Annotated[typing.Optional[plain] if is_optional else plain, option],  # noqa: UP045
    )
