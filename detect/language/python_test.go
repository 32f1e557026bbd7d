package language

import (
	"fmt"
	"testing"
)

func TestPython(t *testing.T) {
	for _, tt := range []struct{ name, files, want string }{
		{"pyproject without dependencies", `
-- worker/.python-version --
3.11
-- worker/pyproject.toml --
[project]
name = "bookshop-worker"
requires-python = ">=3.11"
dependencies = []
-- worker/worker.py --
"""Docs: if __name__ == "__main__" is below."""

def main(): ...

if __name__ == "__main__":
    main()
`, `
bookshop-worker in worker
language "python" worker/pyproject.toml:0 (pyproject.toml)
version "3.11" worker/.python-version:1 (.python-version 3.11)
manager "" (no dependencies)
install "" worker/pyproject.toml:0 (no dependencies)
start "python worker.py" worker/worker.py:5 (if __name__ == "__main__")
main "worker.py" worker/worker.py:5 (if __name__ == "__main__")
`},
		{"Django: one program of a root with requirements and a manage.py below", `
-- requirements.txt --
-r base.txt
gunicorn==23.0  # server
-- base.txt --
-r requirements.txt
Django>=5
-- runtime.txt --
python-3.12.1
-- shop/manage.py --
import os
os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings.production')
-- shop/shop/settings/__init__.py --
-- shop/shop/settings/production.py --
from .base import *
-- shop/shop/settings/base.py --
# WSGI_APPLICATION = 'old.wsgi.application'
WSGI_APPLICATION = 'shop.wsgi.application'
-- shop/shop/wsgi.py --
application = get_wsgi_application()
`, `
manage in .
language "python" requirements.txt:0 (requirements.txt)
version "3.12" runtime.txt:1 (runtime.txt python-3.12.1)
manager "pip" requirements.txt:0 (requirements.txt)
install "pip install -r requirements.txt" requirements.txt:0 (requirements.txt)
start "gunicorn --chdir shop shop.wsgi:application" requirements.txt:2 (dependency gunicorn and WSGI_APPLICATION)
main "shop/manage.py" shop/manage.py:0 (the file exists)
framework "django" base.txt:2 (dependency django)
app "shop.wsgi:application" shop/shop/settings/base.py:2 (WSGI_APPLICATION)
`},
		{"FastAPI with uv", `
-- api/pyproject.toml --
[project]
name = "api"
requires-python = ">=3.10,<3.13"
dependencies = ["fastapi>=0.100", "uvicorn[standard]"]
-- api/uv.lock --
-- api/src/api/__init__.py --
-- api/src/api/main.py --
from fastapi import FastAPI
text = """
app = FastAPI()
"""
app: FastAPI = FastAPI(title="x")
`, `
api in api
language "python" api/pyproject.toml:0 (pyproject.toml)
version "3.12" api/pyproject.toml:3 (requires-python >=3.10,<3.13)
manager "uv" api/uv.lock:0 (uv.lock)
lockfile "api/uv.lock" api/uv.lock:0 (uv.lock)
install "uv sync --frozen --no-dev --no-install-project" api/uv.lock:0 (uv.lock)
start "uvicorn api.main:app" api/pyproject.toml:4 (dependency uvicorn and app = FastAPI(…), ASGI)
main "src/api/main.py" api/src/api/main.py:0 (the file exists)
framework "fastapi" api/pyproject.toml:4 (dependency fastapi)
app "api.main:app" api/src/api/main.py:5 (app = FastAPI(…), ASGI)
`},
		{"Flask with poetry; a script", `
-- pyproject.toml --
[tool.poetry]
name = "shop"

[tool.poetry.dependencies]
python = "^3.9"
Flask = {version = "^3", extras = ["async"]}

[tool.poetry.scripts]
shop = "shop.cli:main"
-- poetry.lock --
-- shop/__init__.py --
-- shop/app.py --
from flask import Flask
app = Flask(__name__)
`, `
shop in .
language "python" pyproject.toml:0 (pyproject.toml)
version "3.13" pyproject.toml:5 (tool.poetry.dependencies.python ^3.9)
manager "poetry" poetry.lock:0 (poetry.lock)
lockfile "poetry.lock" poetry.lock:0 (poetry.lock)
install "poetry install --only main --no-interaction" poetry.lock:0 (poetry.lock)
start "shop" pyproject.toml:9 (tool.poetry.scripts shop.cli:main)
main "shop/app.py" shop/app.py:0 (the file exists)
framework "flask" pyproject.toml:6 (dependency flask)
app "shop.app:app" shop/app.py:2 (app = Flask(…), WSGI)
command "shop" pyproject.toml:9 (tool.poetry.scripts shop.cli:main)
`},
		{"Pipfile, setup.py, hashes", `
-- a/Pipfile --
[packages]
celery = "*"
[requires]
python_version = "3.10"
-- a/Pipfile.lock --
-- a/main.py --
-- b/setup.py --
# install_requires=["old"]
setup(name="b", install_requires=["aiohttp>=3", 'x'], extras_require={"dev": ["y"]})
-- c/requirements.txt --
tornado==6.4 \
    --hash=sha256:abc
-- c/server.py --
`, `
a in a
language "python" a/Pipfile:0 (Pipfile)
version "3.10" a/Pipfile:4 (requires.python_version 3.10)
manager "pipenv" a/Pipfile.lock:0 (Pipfile.lock)
lockfile "a/Pipfile.lock" a/Pipfile.lock:0 (Pipfile.lock)
install "pipenv sync" a/Pipfile.lock:0 (Pipfile.lock)
start "python main.py" a/main.py:0 (the file exists)
main "main.py" a/main.py:0 (the file exists)
framework "celery" a/Pipfile:2 (dependency celery)
b in b
language "python" b/setup.py:0 (setup.py)
version "3.13" (default: the tree names no version of Python)
manager "pip" b/setup.py:2 (dependencies without a lockfile)
install "pip install ." b/setup.py:2 (dependencies without a lockfile)
framework "aiohttp" b/setup.py:2 (dependency aiohttp)
c in c
language "python" c/requirements.txt:0 (requirements.txt)
version "3.13" (default: the tree names no version of Python)
manager "pip" c/requirements.txt:0 (requirements.txt)
install "pip install --require-hashes -r requirements.txt" c/requirements.txt:0 (requirements.txt, with hashes)
start "python server.py" c/server.py:0 (the file exists)
main "server.py" c/server.py:0 (the file exists)
framework "tornado" c/requirements.txt:1 (dependency tornado)
`},
		{"scripts without a build file; tools and documentation are no programs", `
-- poll/tally.py --
if __name__ == '__main__':
    run()
-- poll/helper.py --
-- lib/util.py --
# if __name__ == "__main__":
-- web/pyproject.toml --
[tool.ruff]
line-length = 100
-- docs/requirements.txt --
sphinx
-- docs/conf.py --
project = 'x'
-- tests/run.py --
if __name__ == '__main__': pass
`, `
poll in poll
language "python" poll/tally.py:1 (if __name__ == "__main__")
version "3.13" (default: the tree names no version of Python)
manager "" (no dependencies)
install "" (no dependencies)
start "python tally.py" poll/tally.py:1 (if __name__ == "__main__")
main "tally.py" poll/tally.py:1 (if __name__ == "__main__")
`},
		{"bad TOML keeps what stands before", `
-- pyproject.toml --
[project]
name = "x"
dependencies = ["flask"]
requires-python = >=3.11
-- app.py --
`, `
x in .
language "python" pyproject.toml:0 (pyproject.toml)
version "3.13" (default: the tree names no version of Python)
manager "pip" pyproject.toml:3 (dependencies without a lockfile)
install "pip install ." pyproject.toml:3 (dependencies without a lockfile)
start "python app.py" app.py:0 (the file exists)
main "app.py" app.py:0 (the file exists)
framework "flask" pyproject.toml:3 (dependency flask)
pyproject.toml:4: not TOML: unexpected character U+003E '>' at start of value; mend the syntax; lift uses what stands before this line
`},
		{"a uv workspace", `
-- pyproject.toml --
[tool.uv.workspace]
members = ["services/*"]
-- uv.lock --
-- services/a/pyproject.toml --
[project]
name = "a"
dependencies = ["falcon"]
-- services/a/a.py --
`, `
a in services/a
language "python" services/a/pyproject.toml:0 (pyproject.toml)
version "3.13" (default: the tree names no version of Python)
manager "uv" uv.lock:0 (uv.lock of the workspace)
lockfile "uv.lock" uv.lock:0 (uv.lock of the workspace)
install "uv sync --frozen --no-dev --no-install-project" uv.lock:0 (uv.lock of the workspace)
framework "falcon" services/a/pyproject.toml:3 (dependency falcon)
`},
	} {
		t.Run(tt.name, func(t *testing.T) { checkFind(t, tt.files, tt.want) })
	}
}

func TestDistribution(t *testing.T) {
	for in, want := range map[string]string{
		"Flask[async] >= 2 ; python_version > '3'": "flask", "zope.interface": "zope-interface", "a__b--c": "a-b-c", "x@git+https://h/x": "x",
		"": "", "-e .": "", "Django": "django",
	} {
		if got := distribution(in); got != want {
			t.Errorf("distribution(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDependenciesAreBounded(t *testing.T) {
	files := ""
	for i := range 100 {
		files += fmt.Sprintf("-- r%d.txt --\n-r r%d.txt\np%d\n", i, i+1, i)
	}
	fsys, paths := tr("-- requirements.txt --\n-r r0.txt\n" + files)
	if got := len(requirements(newTree(fsys, paths), "requirements.txt", nil)); got != 8 {
		t.Errorf("%d requirements", got)
	}
}
