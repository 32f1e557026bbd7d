package process2container

import (
	"slices"
	"strconv"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// assumedID is the user and group id of a program whose user the tree gives no number for. It lies above the ids that distributions hand out.
const assumedID = 10001

// baseIDs are the users and groups whose numbers are the same on every Debian system, images included (base-passwd, users-and-groups).
var baseIDs = map[string]int64{
	"root": 0, "daemon": 1, "bin": 2, "sys": 3, "games": 5, "man": 6, "lp": 7, "mail": 8, "news": 9, "uucp": 10, "proxy": 13, "www-data": 33, "backup": 34, "list": 38, "irc": 39,
	"nobody": 65534, "nogroup": 65534,
}

// user gives the program's user and group their numbers: an image knows no user of the machine.
func (o one) user() {
	u := &o.w.User
	if !u.Name.IsSet() && !u.ID.IsSet() {
		u.ID, u.GroupID = deploy.Some(int64(assumedID)), deploy.Some(int64(assumedID))
		why := "the platform runs the program as a user without privileges and without a name"
		o.l.Assume(o.to.Join("user", "id"), strconv.Itoa(assumedID), why)
		o.l.Assume(o.to.Join("user", "groupID"), strconv.Itoa(assumedID), why)
	}
	if id, ok := baseIDs[u.Name.Or("")]; ok && !u.ID.IsSet() && id != 0 {
		u.ID = deploy.Some(id)
		o.l.Assume(o.to.Join("user", "id"), u.ID.String(), "Debian gives "+u.Name.Or("")+" this number on every system")
	}
	if id, ok := baseIDs[u.Group.Or("")]; ok && !u.GroupID.IsSet() && u.ID.IsSet() && id != 0 {
		u.GroupID = deploy.Some(id)
		o.l.Assume(o.to.Join("user", "groupID"), u.GroupID.String(), "Debian gives the group "+u.Group.Or("")+" this number on every system")
	}
	if name, ok := u.Name.Get(); ok && !u.ID.IsSet() && name != "root" {
		u.ID = deploy.Some(int64(assumedID))
		o.l.Assume(o.to.Join("user", "id"), strconv.Itoa(assumedID), "nothing in the tree tells the number of user "+name+"; existing data must belong to it")
	}
	if u.ID.IsSet() && !u.GroupID.IsSet() {
		if name, ok := u.Group.Get(); ok && name != "root" && name != u.Name.Or("") {
			u.GroupID = deploy.Some(int64(assumedID))
			o.l.Assume(o.to.Join("user", "groupID"), strconv.Itoa(assumedID), "nothing in the tree tells the number of group "+name)
		} else {
			u.GroupID = u.ID
			o.l.Assume(o.to.Join("user", "groupID"), u.ID.String(), "the user's own group usually has the user's number")
		}
	}
	if u.Name.IsSet() {
		o.l.Convert(o.from.Join("user", "name"), "an image knows its user by number", o.to.Join("user", "id"))
		u.Name = deploy.Opt[string]{}
	}
	if u.Group.IsSet() {
		o.l.Convert(o.from.Join("user", "group"), "an image knows its group by number", o.to.Join("user", "groupID"))
		u.Group = deploy.Opt[string]{}
	}
	if id, ok := u.ID.Get(); ok && id == 0 {
		if pkg, known := o.packagedAs(); known {
			o.notice(ledger.Info, o.from, o.w.Name+" runs as root", pkg.root)
			return
		}
		o.notice(ledger.Warning, o.from.Join("user", "id"), o.w.Name+" runs as root", "give the unit a User=, or be sure that the program needs root: clusters with restricted Pod Security refuse it")
	}
}

// account makes the user known in an image that has a shell, so that programs that look it up find it. It returns shell commands.
func (o one) account() []string {
	id, ok := o.w.User.ID.Get()
	name, named := o.was.User.Name.Get()
	if _, base := baseIDs[name]; !ok || !named || id == 0 || base { // users of every Debian system are in the image
		return nil
	}
	gid := o.w.User.GroupID.Or(id)
	group := o.was.User.Group.Or(name)
	if o.was.Source.Language.Is("debian") {
		return renumbered(name, group, id, gid)
	}
	home := "/nonexistent"
	for _, e := range o.was.Env {
		if t, known := e.Value.Reveal(); e.Name == "HOME" && known {
			home = t
		}
	}
	var out []string
	if _, base := baseIDs[group]; !base {
		out = append(out, "groupadd --non-unique --gid "+strconv.FormatInt(gid, 10)+" "+group)
	}
	return append(out, "useradd --non-unique --no-log-init --uid "+strconv.FormatInt(id, 10)+" --gid "+strconv.FormatInt(gid, 10)+" --home-dir "+shellQuote(home)+" --shell /usr/sbin/nologin "+name)
}

// renumbered gives the user that a package has made the numbers that the program runs under, and leaves it what it owned; or makes the user, where the package has not.
func renumbered(name, group string, id, gid int64) []string {
	u, g := strconv.FormatInt(id, 10), strconv.FormatInt(gid, 10)
	return []string{
		"{ getent group " + group + " >/dev/null || groupadd --gid " + g + " " + group + "; }",
		"{ getent passwd " + name + " >/dev/null || useradd --no-log-init --uid " + u + " --gid " + group + " --no-create-home --shell /usr/sbin/nologin " + name + "; }",
		"find / -xdev -user " + name + " -exec chown --no-dereference " + u + " {} +",
		"find / -xdev -group " + group + " -exec chgrp --no-dereference " + g + " {} +",
		"groupmod --non-unique --gid " + g + " " + group,
		"usermod --non-unique --uid " + u + " --gid " + g + " " + name,
	}
}

// owner returns UID:GID for COPY --chown, "" for root.
func (o one) owner() string {
	id, ok := o.w.User.ID.Get()
	if !ok || id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10) + ":" + strconv.FormatInt(o.w.User.GroupID.Or(id), 10)
}

// codeOwner returns whom the program's own directory belongs to: the user, where the platform lets the program write there, as into its home.
func (o one) codeOwner() string {
	home := slices.ContainsFunc(o.was.Env, func(e deploy.Env) bool {
		text, known := e.Value.Reveal()
		return e.Name == "HOME" && known && text == o.was.Source.Installed.Or("/app")
	})
	if !home && (o.was.User.Name.IsSet() || o.was.User.ID.IsSet()) {
		return ""
	}
	return o.owner()
}
