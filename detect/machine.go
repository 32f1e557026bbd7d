package detect

import (
	"io/fs"
	"strings"
)

// Machine looks for a file of the machine in the tree: where lift.yaml says, below the copied root that the file near lies in (a unit below deploy/etc/systemd makes deploy one), or at the
// one path of the tree that ends like it.
func (t Tree) Machine(machine, near string) (string, bool) {
	rel := strings.TrimPrefix(machine, "/")
	if mapped, ok := t.mapped(machine); ok {
		if _, err := fs.Stat(t.FS, mapped); err == nil {
			return mapped, true
		}
	}
	var roots []string
	for _, mark := range []string{"etc/systemd/", "usr/lib/systemd/", "lib/systemd/", "run/systemd/"} {
		if i := strings.Index("/"+near, "/"+mark); i >= 0 {
			roots = append(roots, near[:i])
		}
	}
	for _, root := range append(roots, "") {
		if st, err := fs.Stat(t.FS, root+rel); err == nil && st.Mode().IsRegular() {
			return root + rel, true
		}
	}
	found := ""
	for _, p := range t.Paths {
		if strings.HasSuffix(p, "/"+rel) {
			if found != "" {
				return "", false
			}
			found = p
		}
	}
	return found, found != ""
}

// mapped translates a machine path by the longest of the user's own pairs.
func (t Tree) mapped(machine string) (string, bool) {
	best := ""
	for from := range t.Map {
		if (machine == from || strings.HasPrefix(machine, strings.TrimSuffix(from, "/")+"/")) && len(from) > len(best) {
			best = from
		}
	}
	if best == "" {
		return "", false
	}
	rest := strings.TrimPrefix(strings.TrimPrefix(machine, strings.TrimSuffix(best, "/")), "/")
	to := strings.Trim(t.Map[best], "/")
	if to == "." || to == "" {
		return rest, true
	}
	if rest == "" {
		return to, true
	}
	return to + "/" + rest, true
}
