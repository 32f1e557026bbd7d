"""Pack the Python packages that Debian has installed here as wheels, so that pip finds them where PyPI cannot be reached.

usage: wheels.py OUT [NAME==VERSION ...]

A package that is named is offered under that version, whatever Debian's is: what is tried is the Dockerfile around it. Modules in C
serve the Python that runs this script alone; a wheel that can do without leaves them out.
"""

import base64
import hashlib
import importlib.metadata
import pathlib
import re
import subprocess
import sys
import zipfile

ROOT = pathlib.Path("/usr/lib/python3/dist-packages")
THIS = f"cp{sys.version_info.major}{sys.version_info.minor}"
PURE = "py3-none-any"
# the C module of psycopg is on PyPI as psycopg-binary, with its libraries in the wheel
BINARY = {"psycopg-c": "psycopg-binary"}


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def owner(dist):
    """The Debian package that has this distribution."""
    return run("dpkg", "-S", str(dist._path)).split(": ")[0].split(",")[0]


def owned(dist):
    for line in run("dpkg", "-L", owner(dist)).splitlines():
        path = pathlib.Path(line)
        if path.is_relative_to(ROOT) and path.is_file():
            yield path


def libraries(module):
    """The shared libraries of a module but those of the C library, which every image has."""
    for line in run("ldd", str(module)).splitlines():
        found = re.match(r"\s*(\S+) => (/\S+)", line)
        if found and not re.match(r"(libc|libm|libdl|libpthread|librt|libresolv)\.so", found[1]):
            yield found[1], pathlib.Path(found[2])


def moved(source, rpath):
    copy = pathlib.Path("/tmp") / source.name
    copy.write_bytes(source.read_bytes())
    copy.chmod(0o755)
    run("patchelf", "--set-rpath", rpath, str(copy))
    return copy.read_bytes()


def contents(dist, binary):
    files, libs = {}, {}
    for path in owned(dist):
        name = str(path.relative_to(ROOT))
        if re.match(r"[^/]*\.(dist|egg)-info(/|$)", name) or "__pycache__" in name:
            continue
        if path.suffix != ".so":
            files[name] = path.read_bytes()
        elif binary:
            files[name] = moved(path, "$ORIGIN/../" + binary.replace("-", "_") + ".libs")
            libs.update(libraries(path))
    for name, path in libs.items():
        files[binary.replace("-", "_") + ".libs/" + name] = moved(path, "$ORIGIN")
    return files


def write(out, name, version, tag, metadata, files, points=None):
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}".encode()
    files[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: lift-test\nRoot-Is-Purelib: {str(tag == PURE).lower()}\nTag: {tag}\n".encode()
    if points:
        files[f"{info}/entry_points.txt"] = points.encode()
    record = "".join(
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}\n" for path, data in sorted(files.items())
    )
    files[f"{info}/RECORD"] = (record + f"{info}/RECORD,,\n").encode()
    with zipfile.ZipFile(out / f"{name.replace('-', '_')}-{version}-{tag}.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, data in sorted(files.items()):
            wheel.writestr(path, data)


def needs(dist, packages):
    """What a distribution says that it needs, and what Debian's package needs: some say nothing in Debian."""
    said = dist.requires or []
    yield from said
    known = {normal(re.match(r"[\w.-]+", r)[0]) for r in said if "extra ==" not in r}
    for package in re.findall(r"python3-[a-z0-9.+-]+", run("dpkg-query", "-Wf", "${Depends}", owner(dist))):
        if package in packages and packages[package] not in known:
            yield packages[package]


def pack(out, dist, pins, packages):
    name = normal(dist.metadata["Name"])
    binary = BINARY.get(name)
    name = binary or name
    metadata = [f"Provides-Extra: {extra}\n" for extra in dist.metadata.get_all("Provides-Extra") or []]
    for requirement in needs(dist, packages):
        for other, pin in pins.items():  # a package asks for its own parts at its own version
            if normal(re.match(r"[\w.-]+", requirement)[0]) == other:
                requirement = re.sub(r"^([\w.-]+(\[[^]]*\])?)\s*\(?[^;)]*\)?", rf"\1=={pin}", requirement)
        metadata.append(f"Requires-Dist: {requirement}\n")
    tag = f"{THIS}-{THIS}-linux_x86_64" if binary else PURE
    write(out, name, pins.get(name, dist.version), tag, "".join(metadata), contents(dist, binary), dist.read_text("entry_points.txt"))
    return name


def zones(out):
    """The package tzdata, which in Debian is the system's and no package of Python."""
    base = pathlib.Path("/usr/share/zoneinfo")
    files = {"tzdata/__init__.py": b"", "tzdata/zoneinfo/__init__.py": b""}
    for path in base.rglob("*"):
        if path.is_file() and path.read_bytes()[:4] == b"TZif":
            files[f"tzdata/zoneinfo/{path.relative_to(base)}"] = path.read_bytes()
    year, letter = re.match(r"(\d+)([a-z])", run("dpkg-query", "-Wf", "${Version}", "tzdata")).groups()
    write(out, "tzdata", f"{year}.{ord(letter) - ord('a') + 1}", PURE, "", files)


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    pins = dict(a.split("==") for a in sys.argv[2:])
    dists = list(importlib.metadata.distributions(path=[str(ROOT)]))
    packages = {owner(dist): normal(dist.metadata["Name"]) for dist in dists}
    made = {pack(out, dist, pins, packages) for dist in dists}
    zones(out)
    missing = set(pins) - made
    if missing:
        sys.exit(f"wheels.py: Debian has no {', '.join(sorted(missing))} here; add its package to the Dockerfile's list")


main()
