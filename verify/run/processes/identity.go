//go:build linux

package processes

import (
	"slices"
	"strconv"

	"github.com/deploylift/lift/deploy"
)

// identity is who a program runs as.
type identity struct {
	uid, gid     int
	groups       []int
	known, group bool // the numbers of user and group come from the model or the machine
}

// assumed is the number of a user of whom nothing tells it. It lies above the numbers that distributions hand out.
const assumed = 10001

// identify finds the numbers of a workload's user. The account is one that programs can look up; nil where there is no name.
func identify(w deploy.Workload) (identity, *account) {
	users, groups := known("/etc/passwd"), known("/etc/group")
	id := identity{uid: assumed, gid: assumed}
	name, named := w.User.Name.Get()
	group, grouped := w.User.Group.Get()
	if n, ok := w.User.ID.Get(); ok {
		id.uid, id.known = int(n), true
	} else if n, ok := users[name]; ok {
		id.uid, id.known = n[0], true
	}
	switch n, ok := w.User.GroupID.Get(); {
	case ok:
		id.gid, id.group = int(n), true
	case grouped && group != name && len(groups[group]) > 0:
		id.gid, id.group = groups[group][0], true
	case grouped && group != name:
	case named && len(users[name]) > 1 && users[name][0] == id.uid:
		id.gid, id.group = users[name][1], true
	default:
		id.gid, id.group = id.uid, id.known
	}
	for _, g := range w.User.Groups {
		if n, err := strconv.Atoi(g); err == nil {
			id.groups = append(id.groups, n)
		} else if n := groups[g]; len(n) > 0 {
			id.groups = append(id.groups, n[0])
		}
	}
	if n, ok := w.User.Volumes.Get(); ok {
		id.groups = append(id.groups, int(n))
	}
	slices.Sort(id.groups)
	id.groups = slices.Compact(id.groups)
	if !named || name == "root" {
		return id, nil
	}
	a := &account{Name: name, Group: group, UID: id.uid, GID: id.gid, Home: "/nonexistent", Shell: "/usr/sbin/nologin"}
	if group == "" {
		a.Group = name
	}
	for _, e := range w.Env {
		if t, ok := e.Value.Reveal(); ok && e.Name == "HOME" {
			a.Home = t
		}
	}
	return id, a
}
