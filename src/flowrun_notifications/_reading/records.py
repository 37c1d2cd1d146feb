"""Validates records: a record becomes a run, or the error that lists its unusable values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic_core import SchemaValidator, ValidationError, core_schema
from typing_extensions import override

from flowrun_notifications._models.delivery import Delivery, attach_delivery
from flowrun_notifications._models.flow_run import FlowRun
from flowrun_notifications._models.record_schema import HIDE_INPUT, validate_record
from flowrun_notifications._models.spellings import field_model, settle_spellings
from flowrun_notifications._models.values import Reading, is_object
from flowrun_notifications._reading.exceptions import MAX_SHOWN, FlowRunNotificationError, at_path, rebuild
from flowrun_notifications._reading.items import Item
from flowrun_notifications._reading.kinds import has_both_ids, kind_of_value
from flowrun_notifications._reading.look_alikes import find_look_alike
from flowrun_notifications._reading.paths import extend_path

__all__ = ["MAX_PROBLEMS", "InvalidFlowRunError", "Problem", "validate"]

MAX_PROBLEMS = 100
"""How many problems of a run, and how many wrong entries of a list, are listed one by one."""

_CHUNK = 1_000

_Location = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One unusable value of a flow run."""

    path: str
    """Where it stands in the payload, in Adobe's spelling, such as ``[0].messages[0].value.flowId``."""

    expected: str
    """What belongs there."""

    found: str
    """The kind of value that stands there, never the value itself."""

    look_alike: str | None = None
    """Of a missing key: the key that stands there and looks like it, such as ``flowid`` for ``flowId``."""

    def __str__(self) -> str:
        hint = f"; the key {self.look_alike!a} looks like it" if self.look_alike is not None else ""
        return f"{self.path or 'payload'}: expected {self.expected}, found {self.found}{hint}"


class InvalidFlowRunError(FlowRunNotificationError):
    """A flow run with unusable values. They are listed when somebody asks: a payload may hold very many."""

    __slots__ = ("_faults", "_item")

    def __init__(self, item: Item) -> None:
        super().__init__()
        self._item = item
        self._faults: _Faults | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The unusable values, in the order of the model's keys; the first 100 of them."""
        return self._list().problems

    @property
    def problem_count(self) -> int:
        """The number of unusable values.

        In a list, wrong entries beyond the hundredth count once each.
        """
        return self._list().count

    @property
    def path(self) -> str:
        """The place where the run stands in the payload; empty if it is all of it."""
        return self._item.path

    @property
    def delivery(self) -> Delivery:
        """The way it came, as far as its wrappers say."""
        return self._item.delivery

    def _list(self) -> _Faults:
        if self._faults is None:
            self._faults = _find_faults(self._item, self.__cause__)
        return self._faults

    @override
    def __str__(self) -> str:
        count = self.problem_count
        shown = [f"  {problem}" for problem in self.problems[:MAX_SHOWN]]
        if count > MAX_SHOWN:
            shown.append(f"  and {count - MAX_SHOWN:,} more")
        words = f"flow run{at_path(self.path)} has {count:,} {'problem' if count == 1 else 'problems'}:"
        return "\n".join([words, *shown])

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        return rebuild, (type(self), self.args, {**self.__dict__, "_item": self._item, "_faults": self._list()})

    def salvage(self) -> FlowRun:
        """Return the run with exactly the unusable values read as absent.

        A list with more than 100 wrong entries is read as absent as a whole.

        Raises:
            InvalidFlowRunError: This error, where ``id`` or ``flowId`` is not sound.
        """
        faults = self._list()
        # Without an id there is nothing to try.
        is_hopeless = any(problem.found == "nothing" for problem in faults.problems)
        run = None if is_hopeless else _salvage(self._item, faults.locations)
        if run is None:
            raise self
        return run


def validate(item: Item) -> FlowRun | InvalidFlowRunError:
    """Validate an item; return the run, or the error that explains why it is not one."""
    if not item.around.is_action and not has_both_ids(item.content):
        return InvalidFlowRunError(item)
    record = settle_spellings(FlowRun, item.content)
    try:
        run: FlowRun = validate_record(record, context=Reading.SETTLED, by_alias=True, by_name=False)
    except ValidationError as error:
        if item.around.is_action:
            inputs = _inputs_among(record, error)
            if inputs:
                return validate(item._replace(content={k: v for k, v in record.items() if k not in inputs}))
        invalid = InvalidFlowRunError(item)
        invalid.__cause__ = error.with_traceback(None)
        return invalid
    attach_delivery(run, item.around.details, item.path, item.around.wrappers)
    return run


def _inputs_among(record: dict[str, Any], error: ValidationError) -> set[str]:
    """Return the keys whose values do not belong in a record: inputs of the action that share a name with a key."""
    locations = (fault["loc"] for fault in error.errors(include_url=False, include_context=False, include_input=False))
    ids = {"id", "flowId", "xdm:flowRunId", "xdm:flowId"}
    return {str(location[0]) for location in locations if len(location) == 1 and location[0] in record} - ids


# --- all problems, though core stops at the first wrong entry of a list ---------------------------------------------


@dataclass(frozen=True, slots=True)
class _Faults:
    problems: tuple[Problem, ...]
    locations: tuple[_Location, ...]
    """The places of the unusable values within the record."""

    count: int


_EXPECTED = {
    "missing": "text",  # only ids are required
    "string_type": "text",
    "code": "text or a whole number",
    "count": "a whole number",
    "integer": "a whole number",
    "number": "a number",
    "instant": "a time (an epoch or ISO 8601 text)",
    "tuple_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}


def _find_faults(item: Item, error: BaseException | None) -> _Faults:
    faults = _FaultFinder()
    faults.search(FlowRun, settle_spellings(FlowRun, item.content), (), error)
    path = item.path
    problems = [_to_problem(kind, location, item.content, path) for location, kind in faults.listed]
    return _Faults(tuple(problems), tuple(faults.to_drop), faults.count)


def _to_problem(kind: str, location: _Location, record: dict[str, Any], path: str) -> Problem:
    """Translate a fault into a Problem."""
    look_alike = find_look_alike(str(location[-1]), record) if kind == "missing" else None
    expected = _EXPECTED.get(kind, "a usable value")
    return Problem(extend_path(path, location), expected, _kind_at(record, location), look_alike)


def _kind_at(record: object, location: _Location) -> str:
    value: Any = record
    for step in location:
        if isinstance(step, str) and step not in value:
            return "nothing"
        value = value[step]
    return kind_of_value(value)


class _FaultFinder:
    """Finds every unusable value of a record, and of each list as many as are worth listing."""

    def __init__(self) -> None:
        self.listed: list[tuple[_Location, str]] = []
        self.to_drop: list[_Location] = []
        self.count = 0

    def search(self, model: type[BaseModel], node: Any, start: _Location, error: BaseException | None = None) -> bool:
        """Search an object; tell whether anything was found.

        Args:
            model: The model to validate it with.
            node: The object.
            start: Its place within the record.
            error: The error of its validation, where it is known already.
        """
        if not isinstance(error, ValidationError):
            read = validate_record if model is FlowRun else model.__pydantic_validator__.validate_python
            try:
                read(node, context=Reading.TRIAL, by_alias=True, by_name=False)
            except ValidationError as failed:
                error = failed
            else:
                return False
        details = error.errors(include_url=False, include_context=False, include_input=False)
        lists: set[_Location] = set()
        for detail in details:
            location = detail["loc"]
            for index, step in enumerate(location):
                if isinstance(step, int):
                    # Core stopped at this entry; the others of the list are looked at one by one.
                    if location[:index] not in lists:
                        lists.add(location[:index])
                        self._search_list(model, node, start, location[: index + 1])
                    break
            else:
                self._add(start + location, detail["type"])
        return True

    def _add(self, location: _Location, kind: str) -> None:
        self.count += 1
        self.to_drop.append(location)
        if len(self.listed) < MAX_PROBLEMS:
            self.listed.append((location, kind))

    def _search_list(self, model: type[BaseModel], node: Any, start: _Location, first: _Location) -> None:
        entry_model: type[BaseModel] | None = model
        for key in first[:-1]:
            entry_model = field_model(entry_model, str(key)) if entry_model is not None else None
            node = node[key]
        place = start + first[:-1]
        begin = len(self.to_drop)
        wrong = 0
        for i in range(int(first[-1]), len(node)):
            if entry_model is not None and is_object(node[i]):
                wrong += self.search(entry_model, node[i], (*place, i))
            elif entry_model is not None or not isinstance(node[i], str):
                self._add((*place, i), "model_type" if entry_model is not None else "string_type")
                wrong += 1
            if wrong > MAX_PROBLEMS:
                del self.to_drop[begin:]
                self.to_drop.append(place)
                self.count += _count_faults(entry_model, node[i + 1 :])
                return


def _count_faults(model: type[BaseModel] | None, entries: list[Any]) -> int:
    """Count the faults in entries of a list; of a list within an entry, the first wrong entry counts."""
    if model is None:
        return sum(not isinstance(entry, str) for entry in entries)
    objects = [entry for entry in entries if is_object(entry)]
    count = len(entries) - len(objects)
    # An error keeps what it is about: not too much at once.
    chunks = (objects[start : start + _CHUNK] for start in range(0, len(objects), _CHUNK))
    return count + sum(_error_count(_list_validator(model), chunk) for chunk in chunks)


def _error_count(validator: SchemaValidator, entries: list[Any]) -> int:
    try:
        validator.validate_python(entries, context=Reading.TRIAL, by_alias=True, by_name=False)
    except ValidationError as error:
        return error.error_count()
    return 0


@cache
def _list_validator(model: type[BaseModel]) -> SchemaValidator:
    return SchemaValidator(core_schema.list_schema(model.__pydantic_core_schema__), HIDE_INPUT)


# --- salvage --------------------------------------------------------------------------------------------------------


def _salvage(item: Item, locations: Iterable[_Location]) -> FlowRun | None:
    """Return the run with the values at these locations read as absent; ``None`` if its ids are among them."""
    while True:
        item = item._replace(content=_drop(settle_spellings(FlowRun, item.content), locations))
        if not has_both_ids(item.content):
            return None
        outcome = validate(item)
        if isinstance(outcome, FlowRun):
            return outcome
        # Dropping a key uncovered a second spelling of it.
        locations = _find_faults(item, outcome.__cause__).locations


def _drop(value: Any, locations: Iterable[_Location]) -> Any:
    """Return a JSON value without the values at these locations; entries of a list close up."""
    below: dict[str | int, list[_Location]] = {}
    for location in locations:
        below.setdefault(location[0], []).append(location[1:])
    steps = value.items() if is_object(value) else enumerate(value)
    kept = [
        (step, _drop(item, below[step]) if step in below else item)
        for step, item in steps
        if () not in below.get(step, ())
    ]
    return dict(kept) if is_object(value) else [item for _, item in kept]
