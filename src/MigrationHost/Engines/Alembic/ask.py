"""Asks Alembic about a project and prints one JSON document. It runs behind env_facts.py, as one script:

    python -B -c SCRIPT ROOT TOOL CONFIG TARGET [REVISION]...

Paths below ROOT are told from there. TOOL is the alembic program whose import path is used, empty if a wrapper starts it; each
REVISION is a row of the version table.
It neither runs env.py nor opens a database: revisions are imported as 'alembic heads' does it, env.py is only parsed.
"""
import configparser
import json
import os
import re
import sys
import sysconfig
import traceback

DATABASES = ("sqlite", "postgresql", "postgres", "mysql", "mariadb", "oracle", "mssql", "cockroachdb")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def shown(path):
    path = os.path.abspath(str(path))
    below = (path[len(root) + 1:] for root in (sys.argv[1], os.path.realpath(sys.argv[1])) if path.startswith(root + os.sep))
    return next(below, path)


def line_of(path, pattern):
    """The first line that begins like this; None if there is none."""
    lines = enumerate(read(path).decode("utf-8", "replace").splitlines(), 1) if path and os.path.isfile(path) else ()
    return next((number for number, line in lines if re.match(pattern, line)), None)


def versions():
    """The installed versions: told even if they do not go together, so that nothing can be imported."""
    found = {"python": "%d.%d.%d" % sys.version_info[:3]}
    try:
        from importlib.metadata import PackageNotFoundError, version
    except ImportError:  # before Python 3.8
        return found
    for name in ("alembic", "sqlalchemy"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            pass
    return found


def parsed(text):
    from sqlalchemy.engine.url import make_url
    try:
        url = make_url(text)
    except Exception:  # its message repeats the address with the password
        return None
    return None if "@" in (url.host or "") else url  # an '@' of the password that is not encoded has its end there


def address_of(env, env_path, config, section):
    """The address and where it comes from. None with a place if it cannot be known without running env.py."""
    place = {"file": shown(config.config_file_name), "line": line_of(config.config_file_name, r"\s*sqlalchemy\.url\s*[=:]")}
    variables = env.variables()
    for name in variables:
        url = parsed(os.environ.get(name, ""))
        if url is not None and url.get_backend_name() in DATABASES:
            return url, {"variable": name, "file": shown(env_path)}
    if not env.makes_engine():
        return None, {"file": shown(env_path)}
    code = env.address_line(not variables or any(name in os.environ for name in variables))
    if code:
        return None, {"file": shown(env_path), "line": code}
    try:
        text = config.get_section_option(section, KEY)
    except configparser.InterpolationSyntaxError:  # Alembic's own message would quote what follows, of the password
        return None, dict(place, problem="sqlalchemy.url has a % that is not doubled: write %% for each, and %%40 for an @ in the password")
    except Exception:  # it refers to a setting that env.py may fill in
        return None, place
    if not text:
        unset = ", and %s is not set" % ", ".join(dict.fromkeys(variables)) if variables else ""
        return None, dict(place, problem="there is no sqlalchemy.url" + unset)
    if text.startswith("driver://"):
        return None, dict(place, problem="sqlalchemy.url is the template's placeholder")
    url = parsed(text)
    return url, place if url is not None else dict(place, problem="sqlalchemy.url is not an address")


def without_password(url):
    return {"dialect": url.get_backend_name(), "host": url.host, "port": url.port, "database": url.database,
            "driverProblem": driver_problem(url),
            "options": {key: str(value) for key, value in url.query.items() if key in ("timeout", "host", "port")}}


def driver_problem(url):
    try:
        dialect = url.get_dialect()
        (dialect.import_dbapi if hasattr(dialect, "import_dbapi") else dialect.dbapi)()
        if getattr(dialect, "is_async", False):
            import greenlet  # noqa: F401  (SQLAlchemy needs it for every asynchronous driver)
    except Exception as error:
        return traceback.format_exception_only(type(error), error)[-1].strip()
    return None


def broken(scripts):
    """What Alembic answers with a warning or a KeyError: an id used twice, a revision that is missing."""
    from alembic.util import to_tuple
    known = {}
    for script in scripts:
        other = known.setdefault(script.revision, script)
        if other is not script:
            yield script, "revision %s is declared twice, also in %s" % (script.revision, os.path.basename(str(other.path)))
    labels = {label for script in scripts for label in script.branch_labels}
    for script in scripts:
        for name in to_tuple(script.down_revision, default=()) + to_tuple(script.dependencies, default=()):
            if name not in labels and not any(revision.startswith(name) for revision in known):
                yield script, "revision %s follows %s, but no file declares it" % (script.revision, name)


def files_of(config, env_path, folders, scripts):
    """What the answer depends on: the project's files that were read or imported, and the folders they were found in."""
    files = [config.config_file_name, getattr(config, "toml_file_name", None), env_path] + [str(script.path) for script in scripts]
    folders = set(folders) | {os.path.dirname(str(script.path)) for script in scripts}
    files += [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    installed = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    files = {os.path.realpath(file) for file in files if file and "-packages" + os.sep not in file and not file.startswith(installed)}
    return sorted(files | folders)


def ask(answer, config, target, current):
    from alembic.script import ScriptDirectory
    from alembic.script.revision import MultipleHeads, RevisionError, RevisionMap
    from alembic.util import CommandError
    script = ScriptDirectory.from_config(config)
    env_path = os.path.join(str(script.dir), "env.py")
    env = Env(read(env_path), env_path)
    folders = [str(folder) for folder in script._version_locations]
    answer.update(envFile=shown(env_path), env=env.facts(), folders=[shown(folder) for folder in folders],
                  logs=config.file_config.has_section("loggers"), logLevel=config.file_config.get("logger_alembic", "level", fallback=None))
    # The template multidb is a project like any other if its configuration names a single database.
    databases = config.file_config.get(config.config_ini_section, "databases", fallback="").replace(",", " ").split()
    answer["several"] = next(env.several(), None) if len(databases) != 1 else None
    url, answer["address"] = address_of(env, env_path, config, databases[0] if len(databases) == 1 else config.config_ini_section)
    if url is not None:
        answer["address"].update(without_password(url))

    for folder in folders:
        os.listdir(folder)  # Alembic takes a missing folder for one without revisions
    scripts = list(script._load_revisions())
    answer["files"] = files_of(config, env_path, folders, scripts)
    problems = list(broken(scripts))
    if not problems:
        script.revision_map = RevisionMap(lambda: iter(scripts))
        try:
            answer["heads"] = sorted(script.get_heads())  # Alembic has them in the order of the folder's files
        except RevisionError as error:
            problems = [(next((other for other in scripts if other.revision in str(error)), scripts[0]), str(error))]
    answer["problems"] = [{"file": shown(other.path), "line": line_of(str(other.path), "down_revision"), "message": text}
                          for other, text in problems]
    if problems:
        return

    answer["revisions"] = [
        {"id": one.revision, "message": " ".join(one.doc.split()), "file": shown(one.path), "line": line_of(str(one.path), "down_revision"),
         "after": list(one._all_down_revisions)}
        for one in reversed(list(script.iterate_revisions("heads", (), implicit_base=True)))]
    try:
        answer["targets"] = [one.revision for one in script.get_revisions(target) if one]
        answer["plan"] = [one.revision for one in reversed(list(script.iterate_revisions(target, current, implicit_base=True)))]
    except (RevisionError, CommandError) as error:
        answer.update(targetProblem=str(error.__cause__ or error), severalHeads=isinstance(error.__cause__, MultipleHeads))


def tell_reading(out):
    """Before the answer, each file is told when it is opened, and that it was read: one that does not answer can be named."""
    reading = []

    def hear(event, arguments):
        if reading:
            reading.clear()
            os.write(out, b"read\n")
        if event == "open" and isinstance(arguments[0], str):
            reading.append(arguments[0])
            os.write(out, ("reading %s" % shown(arguments[0])).encode("utf-8", "replace").replace(b"\n", b"?") + b"\n")

    if hasattr(sys, "addaudithook"):  # Python 3.8
        sys.addaudithook(hear)


def main(root, tool, path, target, *current):
    answer = versions()
    # What a revision prints while it is imported is no answer.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    tell_reading(out.fileno())
    # Python looks for modules first beside the program that it runs; a wrapper may run it from anywhere, 'python -m alembic' from here.
    if sys.path[:1] == [""]:
        sys.path[:1] = [os.path.dirname(os.path.realpath(tool))] if tool else []
        sys.path[len(sys.path):] = [] if tool else [os.getcwd()]
    try:
        import alembic
        import sqlalchemy
        from alembic.config import CommandLine, Config
        from alembic.util import CommandError
        answer.update(alembic=alembic.__version__, sqlalchemy=sqlalchemy.__version__)
        if os.path.basename(path) == "pyproject.toml" and not hasattr(Config, "toml_alembic_config"):
            raise CommandError("pyproject.toml needs Alembic 1.16 or newer, and this is Alembic %s" % alembic.__version__)

        class Question(CommandLine):
            """Alembic's own way from the command line to the configuration; the command itself is ours."""

            def run_cmd(self, config, options):
                ask(answer, config, target, current)

        Question().main(["-c", path, "heads"])
    except BaseException:  # a module may also call sys.exit()
        traceback.print_exc()
        answer["failed"] = True
    with out:
        # Neither sign is JSON's own; without them no filter for passwords takes a part of the document for one.
        document = json.dumps(answer, ensure_ascii=False).replace("=", "\\u003d").replace("@", "\\u0040")
        out.write(document.encode("utf-8", "replace") + b"\n")


main(*sys.argv[1:])
