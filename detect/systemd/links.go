package systemd

import (
	"io/fs"
	"path"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// linkDirs are the directories in which links enable units, and the directive of [Install] that makes systemctl put a link there (systemd.unit(5), UNIT FILE LOAD PATH).
var linkDirs = []struct{ suffix, key string }{{".wants", "WantedBy"}, {".requires", "RequiredBy"}, {".upholds", "UpheldBy"}}

// link reads what is no unit but a name for one: links that enable units, further names, and links to /dev/null. It reports whether p is that. What lies in a .wants directory counts by its
// name even where a copy made a file of the link.
func (r *reader) link(p string) bool {
	name, dir := path.Base(p), path.Base(path.Dir(p))
	for _, k := range linkDirs {
		if by, ok := strings.CutSuffix(dir, k.suffix); ok {
			s := r.Setting(ledger.Pos{File: p}, k.key, deploy.Plain(by))
			r.pulls = append(r.pulls, pull{by: by, name: name, setting: s, required: k.key == "RequiredBy"})
			return true
		}
	}
	if path.Ext(p) == ".conf" {
		return false
	}
	to, err := fs.ReadLink(r.tree.FS, p)
	if err != nil {
		return false
	}
	if to == "/dev/null" {
		r.masked[name] = p
		r.Inert(r.Setting(ledger.Pos{File: p}, "mask", deploy.Plain(to)), "the unit is masked: it never starts")
		return true
	}
	if base := path.Base(to); base != name {
		s := r.Setting(ledger.Pos{File: p}, "Alias", deploy.Plain(base))
		if base == template(name) {
			r.Inert(s, "an instance of "+base)
			r.pulls = append(r.pulls, pull{name: name, setting: -1})
			return true
		}
		r.aliases[name] = base
		r.Inert(s, "another name of "+base)
		return true
	}
	for _, other := range r.tree.Paths { // "systemctl link" leaves the file where it is
		if strings.HasSuffix("/"+other, to) && other != p {
			r.Inert(r.Setting(ledger.Pos{File: p}, "link", deploy.Plain(to)), "it leads to "+other)
			return true
		}
	}
	return false
}

// template returns the template that an instance is made from, "" for a name that is no instance.
func template(name string) string {
	prefix, rest, ok := strings.Cut(name, "@")
	if i := strings.LastIndexByte(rest, '.'); ok && i > 0 {
		return prefix + "@" + rest[i:]
	}
	return ""
}
