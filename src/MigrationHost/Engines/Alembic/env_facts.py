"""What env.py shows without being run. Python's own parser reads it; ask.py is appended to this file."""
import ast

MAKERS = ("create_engine", "engine_from_config", "create_async_engine", "async_engine_from_config")
KEY = "sqlalchemy.url"
TRUE = ast.parse("True", mode="eval").body
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
WITHS = (ast.With, ast.AsyncWith)
LOOPS = (ast.For, ast.AsyncFor)


def dotted(node):
    if isinstance(node, ast.Name):
        return node.id
    return "%s.%s" % (dotted(node.value), node.attr) if isinstance(node, ast.Attribute) else "()"


def literal(node, otherwise=None):
    """The value of a literal."""
    if type(node).__name__ == "Index":  # before Python 3.9
        node = node.value
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError):
        return otherwise


class Call:
    def __init__(self, node):
        target = dotted(node.func)
        self.node, self.line = node, node.lineno
        self.receiver, _, self.name = target.rpartition(".")
        self.named = {keyword.arg: keyword.value for keyword in node.keywords}
        self.takes_more = None in self.named
        self.values = node.args + list(self.named.values())

    def text(self, name, place):
        found = self.named.get(name) or (self.node.args[place] if place < len(self.node.args) else None)
        return literal(found) if found is not None else None


class Source:
    """A Python file: its calls, each with the blocks and the function around it."""

    def __init__(self, text, path):
        self.nodes = list(ast.walk(ast.parse(text, path)))
        self.parents = {child: node for node in self.nodes for child in ast.iter_child_nodes(node)}
        self.statements = sorted((node for node in self.nodes if isinstance(node, ast.stmt)), key=lambda node: node.lineno)
        self.calls = [Call(node) for node in self.nodes if isinstance(node, ast.Call)]
        self.calls.sort(key=lambda call: (call.line, call.node.col_offset))
        self.engines = {name for node in self.statements for name in self.assigned(node)
                        if self.makes(node.value, MAKERS + ("AsyncEngine",))}
        self.connections = {name for node in self.statements for name in self.assigned(node) if self.makes(node.value, ("connect",))}
        self.connections |= {item.optional_vars.id for node in self.nodes if isinstance(node, WITHS) for item in node.items
                             if isinstance(item.optional_vars, ast.Name)}
        self.opened = [call for call in self.calls if self.opens(call)]

    @staticmethod
    def assigned(node):
        """The names that a plain assignment gives its value to."""
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) and node.value else []
        return [target.id for target in targets if isinstance(target, ast.Name)]

    @staticmethod
    def makes(value, names):
        value = value.value if isinstance(value, ast.Await) else value
        return isinstance(value, ast.Call) and dotted(value.func).rpartition(".")[2] in names

    def named(self, *names):
        return [call for call in self.calls if call.name in names]

    def around(self, node):
        """The blocks whose body has the node, the innermost first, each with the list of statements it is in."""
        while node in self.parents:
            parent = self.parents[node]
            for field in ("body", "orelse", "handlers", "finalbody"):
                if isinstance(getattr(parent, field, None), list) and node in getattr(parent, field):
                    yield parent, field
            node = parent

    def function(self, node):
        return next((block for block, _ in self.around(node) if isinstance(block, FUNCTIONS)), None)

    def statement(self, node):
        while not isinstance(node, ast.stmt):
            node = self.parents[node]
        return node

    def own(self, statement):
        """The nodes of a statement without those of the statements in it."""
        found = [statement]
        for node in found:
            found.extend(child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt))
        return found

    def own_calls(self, statement):
        return [Call(node) for node in self.own(statement) if isinstance(node, ast.Call)]

    def mentions(self, statement, *names):
        return any((getattr(node, "id", None) or getattr(node, "attr", None)) in names for node in self.own(statement))

    def callers(self, function):
        """The statements that name a function: they call it, or hand it on."""
        return [node for node in self.statements if function is not None and not isinstance(node, FUNCTIONS)
                and self.mentions(node, function.name)]

    def is_engine(self, name):
        return name not in self.connections and (name in self.engines or "engine" in name.lower() or "connectable" in name.lower())

    def opens(self, call):
        names = [dotted(value) for value in call.values if isinstance(value, ast.Name)]
        if call.name == "connect":
            return call.receiver not in ("", "event", "signal")
        if call.name in ("begin", "execute", "scalar", "raw_connection"):
            return self.is_engine(call.receiver)
        if call.name in ("create_all", "drop_all", "reflect", "inspect", "has_table"):
            return any(map(self.is_engine, names))
        return call.name in ("Session", "AsyncSession", "SessionLocal") \
            and not any(name in self.connections or "conn" in name.lower() and not self.is_engine(name) for name in names)

    def hold(self, call):
        """How long a connection stays open, and its name: the with block it heads, the rest of the function, or only the call."""
        statement = self.statement(call.node)
        if call.name in ("create_all", "drop_all", "reflect", "inspect", "has_table", "execute", "scalar"):
            return "call", None
        if isinstance(statement, WITHS):
            return "block", next((item.optional_vars.id for item in statement.items if isinstance(item.optional_vars, ast.Name)), None)
        names = self.assigned(statement)
        return ("until closed", names[0]) if names else ("call", None)

    def closings(self, call, name):
        function = self.function(call.node)
        for statement in self.statements:
            if statement.lineno > call.line and self.function(statement) is function and (
                    any(other.name == "close" and other.receiver == name for other in self.own_calls(statement))
                    or any(other.name == "closing" and name in map(dotted, other.node.args) for other in self.own_calls(statement))
                    or isinstance(statement, WITHS) and any(dotted(item.context_expr) == name for item in statement.items)):
                yield statement.lineno

    def open_at(self, first, node):
        hold, name = self.hold(first)
        if hold == "block":
            block = self.statement(first.node)
            return any(other is block for other, _ in self.around(node)) \
                or self.statement(node) is block and (first.line, first.node.col_offset) < (node.lineno, node.col_offset)
        return hold == "until closed" and self.function(node) is self.function(first.node) and node.lineno > first.line \
            and not any(line < node.lineno for line in self.closings(first, name))

    def second_connections(self):
        for second in self.opened:
            places = [second.node] + self.callers(self.function(second.node))
            first = next((first for place in places for first in self.opened if first is not second and self.open_at(first, place)), None)
            if first is not None:
                yield {"line": second.line, "first": first.line, "name": self.hold(first)[1]}

    def withs(self, node, *names):
        """Whether a with block around the node calls one of these."""
        return any(isinstance(block, WITHS) and any(call.name in names for call in self.own_calls(block)) for block, _ in self.around(node))

    def committed(self, node):
        return self.withs(node, "begin_transaction", "begin") \
            or any(call.line > node.lineno and self.function(call.node) is self.function(node) for call in self.named("commit"))


class Env(Source):
    """What env.py shows without being run."""

    def facts(self):
        online = [call for call in self.named("configure") if call.receiver in ("context", "alembic.context")
                  and "url" not in call.named and "literal_binds" not in call.named]
        runs = [call for call in self.named("run_migrations") if call.receiver in ("context", "alembic.context")]
        lost = [call.line for call in self.uncommitted()]
        metadata = [node for node in self.statements if "target_metadata" in self.assigned(node)]
        return {
            "isAsync": bool(self.named("run_sync")),
            "isFuture": any(call.name == "run_sync" or "future" in call.named for call in self.calls),
            "configuresLogging": bool(self.named("fileConfig", "dictConfig")),
            "silencesLoggers": [call.line for call in self.named("fileConfig") if not call.takes_more and len(call.node.args) < 3
                                and literal(call.named.get("disable_existing_loggers", TRUE)) is True],
            "pools": [{"line": call.line, "name": call.name} for call in self.named(*MAKERS) if not call.takes_more
                      and not dotted(call.named.get("poolclass")).endswith("NullPool")],
            "neverClosed": [{"line": call.line, "call": "%s.%s" % (call.receiver, call.name), "name": self.hold(call)[1]}
                            for call in self.opened
                            if self.hold(call)[0] == "until closed" and not any(self.closings(call, self.hold(call)[1]))],
            "secondConnections": list(self.second_connections()),
            "withoutTransaction": [call.line for call in runs if not self.committed(call.node)
                                   and not any(map(self.committed, self.callers(self.function(call.node))))],
            "uncommitted": lost,
            "noMetadata": metadata[-1].lineno if metadata and literal(metadata[-1].value, ...) is None else None,
            "configures": [{"line": call.line, "compareType": "compare_type" in call.named, "batch": "render_as_batch" in call.named}
                           for call in online if not call.takes_more],
            "commitsEach": any(literal(call.named.get("transaction_per_migration")) is True for call in online),
            "commitsEachOnSqlite": bool(runs) and not lost and all(self.alone(call.node) for call in runs)
            and not any(call.takes_more or "transactional_ddl" in call.named for call in online),
            "timeout": next(self.timeouts(), None),
            "versionTable": self.name_of("version_table", online),
            "versionTableSchema": self.name_of("version_table_schema", online),
        }

    def uncommitted(self):
        """Statements before Alembic's transaction in a file that never commits: they begin one that nobody ends."""
        for sent in [] if self.named("commit") else self.named("execute", "exec_driver_sql", "scalar", "scalars"):
            if not self.withs(sent.node, "begin_transaction", "begin") and sent not in self.opened \
                    and any(later.line > sent.line and self.function(later.node) is self.function(sent.node)
                            for later in self.named("begin_transaction", "run_sync")):
                yield sent

    def alone(self, run):
        """Whether Alembic's transaction is the only one around."""
        return self.withs(run, "begin_transaction") and not self.withs(run, "begin") \
            and not any(self.withs(caller, "begin") for caller in self.callers(self.function(run)))

    def timeouts(self):
        for call in self.calls:
            for node in ast.walk(call.named["connect_args"]) if "connect_args" in call.named else ():
                pairs = zip(map(literal, node.keys), node.values) if isinstance(node, ast.Dict) \
                    else [(node.arg, node.value)] if isinstance(node, ast.keyword) else ()
                for key, value in pairs:
                    if key == "timeout" and isinstance(literal(value), (int, float)):
                        yield {"line": value.lineno, "seconds": literal(value)}

    def several(self):
        """Where one run migrates several databases or schemas: the template multidb, or a loop around run_migrations."""
        for call in self.calls:
            if call.name == "configure" and "upgrade_token" in call.named or call.name == "run_migrations" and "engine_name" in call.named:
                yield call.line
        for run in self.named("run_migrations"):
            for place in [run.node] + self.callers(self.function(run.node)):
                for block, _ in self.around(place):
                    if isinstance(block, LOOPS) and not self.makes(block.iter, ("range", "count")):
                        yield run.line

    def name_of(self, argument, online):
        """What context.configure gets: a name, or the line where code decides it."""
        found = [(call.line, call.named[argument]) for call in online if argument in call.named]
        names = {self.constant(node) for _, node in found}
        return None if not found else {"line": found[0][0]} if len(names) > 1 or ... in names else {"name": names.pop()}

    def constant(self, node):
        values = [other.value for other in self.statements if isinstance(node, ast.Name) and node.id in self.assigned(other)]
        value = literal(values[0] if len(values) == 1 else node, ...)
        return value if value is None or isinstance(value, str) else ...

    # The address.

    def reads_variable(self, call):
        return call.name == "getenv" or call.name in ("get", "pop") and call.receiver.endswith("environ")

    def variables(self):
        names = [call.text("key", 0) for call in self.calls if self.reads_variable(call)]
        names += [literal(node.slice) for node in self.nodes if isinstance(node, ast.Subscript) and dotted(node.value).endswith("environ")]
        return [name for name in names if isinstance(name, str)]

    def reads_environment(self, statement):
        return self.mentions(statement, "environ", "getenv")

    def has_default(self, statement):
        return any(isinstance(node, (ast.IfExp, ast.Or)) for node in self.own(statement)) \
            or any(self.reads_variable(call) and len(call.values) > 1 for call in self.own_calls(statement))

    def needs_environment(self, statement):
        names = {name for node in self.statements for name in self.assigned(node)}
        only = {name for name in names if all(self.reads_environment(node) and not self.has_default(node)
                                              for node in self.statements if name in self.assigned(node))}
        return not self.has_default(statement) and (self.reads_environment(statement) or self.mentions(statement, *only))

    def sets_address(self, statement):
        for call in self.own_calls(statement):
            if call.name == "set_main_option" and call.text("name", 0) == KEY \
                    or call.name == "set_section_option" and call.text("name", 1) == KEY \
                    or call.name in ("engine_from_config", "async_engine_from_config") and "url" in call.named \
                    or call.name in ("create_engine", "create_async_engine"):
                return True
        return any(isinstance(node, ast.Dict) and {KEY, "url"} & {literal(key) for key in node.keys if isinstance(literal(key), str)}
                   or isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and literal(node.slice) in (KEY, "url")
                   for node in self.own(statement))

    def address_line(self, may_be_set):
        """Where code sets the address; may_be_set tells whether a variable that it may need is set."""
        for statement in filter(self.sets_address, self.statements):
            conditions = [block for block, field in self.around(statement) if isinstance(block, ast.If) and field == "body"]
            if may_be_set or not any(map(self.needs_environment, [statement] + conditions)):
                return statement.lineno
        return None

    def makes_engine(self):
        return bool(self.named("create_engine", "create_async_engine")) \
            or bool(self.named("engine_from_config", "async_engine_from_config") and self.named("get_section"))
