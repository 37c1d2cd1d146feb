"""The base of every model of a payload: immutable, tolerant of unknown keys, exact about known ones."""

# No `from __future__ import annotations`: pydantic resolves the annotation of `__pydantic_extra__` in the module of
# each subclass, where a string would name nothing.

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema
from typing_extensions import override

from flowrun_notifications._models.spellings import ALSO, other_empties, other_spellings, spelling_marker
from flowrun_notifications._models.values import AnyJSON, is_list, is_object

__all__ = ["WireModel"]

_MAX_SHOWN = 100


class WireModel(BaseModel, frozen=True):
    """A part of a payload: immutable, with the keys that nobody documented still readable.

    An unknown key is an attribute of its own name, and stands in :attr:`model_extra`. Names that begin with two
    underscores are never read from a payload.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="allow",
        validate_by_name=True,
        validate_by_alias=True,
        hide_input_in_errors=True,
        protected_namespaces=(),
    )

    if not TYPE_CHECKING:
        # An annotation alone: a value would shadow the slot of BaseModel.
        __pydantic_extra__: dict[str, AnyJSON]

    @classmethod
    @override
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler, /
    ) -> core_schema.CoreSchema:
        schema: Any = handler(source)
        if cls.model_config.get("extra") == "allow":
            # Only unknown keys cost this call: core has taken the known ones by then.
            schema["schema"]["extras_keys_schema"] = core_schema.with_info_plain_validator_function(
                spelling_marker(source)
            )
        return schema  # type: ignore[no-any-return]

    @classmethod
    @override
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler, /
    ) -> dict[str, Any]:
        """Describe what is settled before pydantic reads: every spelling of a key, ``[]`` and ``{}`` for each other."""
        described = handler(schema)
        if handler.mode == "validation":
            model = handler.resolve_ref_schema(described)
            properties, required = model["properties"], model.get("required", [])
            for key, empty in other_empties(cls):
                _allow(properties[key], empty)
            for key, *others in other_spellings(cls):
                properties.update((other, properties[key]) for other in others)
                if key in required:
                    required.remove(key)
                    either = {"anyOf": [{"required": [spelling]} for spelling in (key, *others)]}
                    model.setdefault("allOf", []).append(either)
            if not required:
                model.pop("required", None)
        return described

    @override
    def __hash__(self) -> int:
        # Open JSON has no hash. Leaving it out keeps the rule that equal models have equal hashes.
        values = (self.__dict__[name] for name in type(self).model_fields)
        return hash((type(self), *(value for value in values if not isinstance(value, (dict, list)))))

    @property
    @override
    def model_extra(self) -> dict[str, Any]:
        """The keys that the model does not know, with their values as they came."""
        return {key.removeprefix(ALSO): value for key, value in (self.__pydantic_extra__ or {}).items()}

    @override
    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Yield what is short enough for a log: no open JSON, no unknown keys, nothing absent, long texts cut."""
        for name, field in type(self).model_fields.items():
            value = self.__dict__[name]
            if value != field.default and not is_object(value) and not is_list(value):
                is_long = isinstance(value, str) and len(value) > _MAX_SHOWN
                yield name, value[:_MAX_SHOWN] + "…" if is_long else value

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # Jinja, numpy and others ask objects for names such as `__html__`; a payload must not answer.
            if name.startswith("__"):
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            return super().__getattr__(name)


def _allow(described: dict[str, Any], other: dict[str, Any]) -> None:
    """Let the description of a key allow something else, too."""
    notes = {name: described[name] for name in ("title", "description", "default") if name in described}
    kinds = described.get("anyOf") or [{name: value for name, value in described.items() if name not in notes}]
    described.clear()
    described.update(anyOf=[*kinds, other], **notes)
