"""What all of the API's JSON is made from: scalar types, and how old names of fields are taken and given."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from photochrom.options import MAX_VARIATIONS
from photochrom.web.deprecated_names import add_old_names, rename_fields

__all__ = ["Color", "Count", "Format", "Id", "MaxSize", "Pixel", "Quality", "RequestModel", "ResponseModel", "Seed"]

Color = Annotated[str, Field(pattern="^#([0-9a-fA-F]{3}){1,2}$", examples=["#8a5a3c"])]
Pixel = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
Id = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{22,64}$", examples=["Zr0bTFJb6vDqD8sZ9wYhVQ"])]
MaxSize = Annotated[int, Field(ge=16, le=16384, description="longest side of the image, pixels")]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
Quality = Annotated[
    int, Field(ge=1, le=100, description="of a JPEG, WEBP, AVIF or HEIF; the source's where none is given")
]
Count = Annotated[int, Field(ge=1, le=MAX_VARIATIONS)]


def _spell_format(name: object) -> object:
    return _FORMATS.get(name.lower(), name.upper()) if isinstance(name, str) else name


_FORMATS = {"jpg": "JPEG", "jp2": "JPEG2000", "tif": "TIFF", "heic": "HEIF", "pgm": "PNM", "ppm": "PNM"}
#: of a file, in any case; ``jpg``, ``jp2``, ``tif``, ``heic``, ``pgm`` and ``ppm`` are other names
Format = Annotated[
    Literal["JPEG", "JPEG2000", "PNG", "TIFF", "WEBP", "BMP", "GIF", "AVIF", "HEIF", "PNM", "TGA"],
    BeforeValidator(_spell_format),
]


class RequestModel(BaseModel):
    """What comes in: unknown keys are refused, old names are taken."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _accept_old_names(cls, entries: object) -> object:
        return rename_fields(entries, cls.model_fields)


class ResponseModel(BaseModel):
    """What goes out, under old names too."""

    #: whether its fields go out under their old names too when the request had new names only
    _always: ClassVar[bool] = True

    @model_serializer(mode="wrap")
    def _give_old_names(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return add_old_names(serialize(self), always=self._always)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        # described are the new names alone
        return handler({name: part for name, part in core_schema.items() if name != "serialization"})
