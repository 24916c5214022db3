"""Statements of the hot path, compiled once.

Of the time a short query of one row takes, Django spends nine tenths or more on building its SQL (measured on 2 cores:
1.13 ms to select a conversation by key, 0.05 ms for the same SQL and values given to the cursor). The core runs some
twenty such statements a message, always the same ones. They are still written as querysets and models, on every
database Django writes SQL for; only the result of compiling them is kept, with `Parameter` where a value goes.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query import get_related_populators
from django.db.models.sql import InsertQuery, UpdateQuery

M = TypeVar("M", bound=models.Model)


class Parameter(models.Expression):
    """A value that is given when the statement runs, as `field` stores it."""

    def __init__(self, name: str, field: "models.Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> Any:
        return "%s", (self,)

    def bound(self, values: Mapping[str, Any], connection: BaseDatabaseWrapper) -> Any:
        """The value in the database's terms. Raises KeyError when it was not given."""
        return self.output_field.get_db_prep_save(values[self.name], connection)


def parameter(model: type[models.Model], field: str, name: str = "") -> Parameter:
    """A parameter for a column of `model`, named as the column unless `name` says otherwise."""
    found = model._meta.pk if field == "pk" else model._meta.get_field(field)
    while isinstance(found, models.ForeignKey):
        found = found.target_field
    if not isinstance(found, models.Field):
        raise TypeError(f"{model.__name__}.{field} is no column.")
    return Parameter(name or field, found)


class _Compiled(NamedTuple):
    sql: str
    parameters: tuple[Any, ...]
    compiler: Any

    def bind(self, values: Mapping[str, Any], connection: BaseDatabaseWrapper) -> list[Any]:
        return [each.bound(values, connection) if isinstance(each, Parameter) else each for each in self.parameters]


class _Statement:
    """Compiles at first use, once per kind of database."""

    def __init__(self) -> None:
        self._compiled: dict[str, _Compiled] = {}
        self._lock = threading.Lock()

    def _compiler(self, alias: str) -> Any:
        raise NotImplementedError

    def _ready(self, connection: BaseDatabaseWrapper) -> _Compiled:
        compiled = self._compiled.get(connection.vendor)
        if compiled is None:
            with self._lock:
                compiler = self._compiler(connection.alias)
                statement = compiler.as_sql()
                # An INSERT comes as a list of statements: of one, here.
                sql, parameters = statement[0] if isinstance(statement, list) else statement
                compiled = self._compiled[connection.vendor] = _Compiled(sql, tuple(parameters), compiler)
        return compiled


class _Shape(NamedTuple):
    """How a row becomes a model instance, with its related ones."""

    model: Any
    names: list[str]
    start: int
    end: int
    converters: list[tuple[int, list[Any], Any]]
    populators: list[Any]


def _shape(compiler: Any, alias: str) -> _Shape:
    select, info = compiler.select, compiler.klass_info
    start, end = info["select_fields"][0], info["select_fields"][-1] + 1
    converters = compiler.get_converters([column[0] for column in select])
    return _Shape(
        model=info["model"],
        names=[column[0].target.attname for column in select[start:end]],
        start=start,
        end=end,
        converters=[(position, functions, expression) for position, (functions, expression) in converters.items()],
        populators=get_related_populators(info, select, alias),  # type: ignore[call-arg]  # the stubs run ahead of 5.2
    )


class Select(_Statement, Generic[M]):
    """The model instances of a queryset; `build` makes it, with `Parameter` where values go. Called once, later."""

    def __init__(self, build: Callable[[], models.QuerySet[M]]) -> None:
        super().__init__()
        self._build = build
        self._shapes: dict[str, _Shape] = {}

    def _compiler(self, alias: str) -> Any:
        return self._build().using(alias).query.get_compiler(alias)

    def __call__(self, **values: Any) -> list[M]:
        """The rows for these values, in the queryset's order."""
        connection = _connection()
        compiled = self._ready(connection)
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, compiled.bind(values, connection))
            rows = cursor.fetchall()
        if not rows:
            return []
        shape = self._shapes.get(connection.vendor)
        if shape is None:
            shape = self._shapes[connection.vendor] = _shape(compiled.compiler, connection.alias)
        found: list[M] = []
        for raw in rows:
            row = list(raw)
            for position, functions, expression in shape.converters:
                for convert in functions:
                    row[position] = convert(row[position], expression, connection)
            instance = shape.model.from_db(connection.alias, shape.names, row[shape.start : shape.end])
            for populator in shape.populators:
                populator.populate(row, instance)
            found.append(instance)
        return found

    def first(self, **values: Any) -> M | None:
        """The first of them, or None."""
        rows = self(**values)
        return rows[0] if rows else None


class Update(_Statement):
    """`build().update(**changes)`, with `Parameter` where values go on either side."""

    def __init__(self, build: Callable[[], models.QuerySet[Any]], **changes: Any) -> None:
        super().__init__()
        self._build = build
        self._changes = changes

    def _compiler(self, alias: str) -> Any:
        query: Any = self._build().using(alias).query.chain(UpdateQuery)
        query.add_update_values(self._changes)
        return query.get_compiler(alias)

    def __call__(self, **values: Any) -> int:
        """How many rows matched."""
        connection = _connection()
        compiled = self._ready(connection)
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, compiled.bind(values, connection))
            return int(cursor.rowcount)


class Insert(_Statement):
    """Stores instances of `model`; `expressions` are columns that the database computes. Signals are not sent."""

    def __init__(self, model: type[models.Model], **expressions: Any) -> None:
        super().__init__()
        self._model = model
        self._expressions = expressions
        self._columns: list[models.Field[Any, Any]] = [
            field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)
        ]

    def _compiler(self, alias: str) -> Any:
        template = self._model()
        for field in self._columns:
            value = self._expressions.get(field.attname) or Parameter(field.attname, field)
            template.__dict__[field.attname] = value
        query = InsertQuery(self._model)
        query.insert_values(self._columns, [template], raw=True)
        compiler = query.get_compiler(alias)
        compiler.returning_fields = [self._model._meta.pk]
        return compiler

    def __call__(self, instance: models.Model, **values: Any) -> None:
        """Stores `instance` and gives it its key; `values` are the parameters of the expressions."""
        connection = _connection()
        compiled = self._ready(connection)
        given = dict(values)
        for field in self._columns:
            if field.attname not in self._expressions:
                given[field.attname] = field.pre_save(instance, add=True)
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, compiled.bind(given, connection))
            (instance.pk,) = cursor.fetchone()
        instance._state.adding = False
        instance._state.db = connection.alias


def _connection() -> BaseDatabaseWrapper:
    from csbot.models import Conversation

    return connections[router.db_for_write(Conversation) or DEFAULT_DB_ALIAS]
