import importlib.metadata as metadata
import os
import re
import sys

names = []
for line in open(sys.argv[1]):
    line = line.split("#")[0].split(";")[0].strip()
    name = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line)
    if name:
        names.append(name.group())

found, missing = [], []
for name in names:
    try:
        found.append(metadata.distribution(name))
    except metadata.PackageNotFoundError:
        missing.append(name)
if missing:
    sys.exit(", ".join(missing) + (" is" if len(missing) == 1 else " are") + " not on this machine")

for dist in found:
    print(dist.metadata["Name"], dist.version, end=" ")
    for entry in dist.entry_points:
        path = os.path.join(sys.argv[2], entry.name)
        if entry.group != "console_scripts" or os.path.exists(path):
            continue
        module, _, attribute = entry.value.partition(":")
        with open(path, "w") as script:
            script.write(f"#!{os.path.join(sys.argv[2], 'python3')}\nimport sys\nfrom {module} import {attribute.split('.')[0].split(' ')[0]}\nsys.exit({attribute.split(' ')[0]}())\n")
        os.chmod(path, 0o755)
