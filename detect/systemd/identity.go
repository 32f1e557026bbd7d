package systemd

import (
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/systemd/unitfile"
)

func itoa(i int) string { return strconv.Itoa(i) }

// account reads User= or Group=.
func (u *unit) account(l line) (unitfile.Account, bool) {
	text, unknown, problem := unitfile.Expand(l.Value, u.spec)
	if problem == nil && len(unknown) > 0 {
		problem = &unitfile.Problem{What: unknown[0].Specifier + " is known to the machine alone", Remedy: "write the name out"}
	}
	if problem != nil {
		u.bad(l, problem)
		return unitfile.Account{}, false
	}
	a, problem := unitfile.ParseAccount(text)
	if problem != nil {
		u.bad(l, problem)
		return a, false
	}
	return a, true
}

func (u *unit) user(l line) {
	if u.reset(l, "user.name", "user.id") {
		return
	}
	a, ok := u.account(l)
	switch {
	case !ok:
	case a.Numeric:
		u.w.User.ID = deploy.Some(int64(a.ID))
		u.set(l, "user.id")
	case a.Name == "root":
		u.w.User.Name, u.w.User.ID = deploy.Some("root"), deploy.Some(int64(0))
		u.set(l, "user.name", "user.id")
	default:
		u.w.User.Name = deploy.Some(a.Name)
		u.set(l, "user.name")
	}
}

func (u *unit) group(l line) {
	if u.reset(l, "user.group", "user.groupID") {
		return
	}
	a, ok := u.account(l)
	switch {
	case !ok:
	case a.Numeric:
		u.w.User.GroupID = deploy.Some(int64(a.ID))
		u.set(l, "user.groupID")
	case a.Name == "root":
		u.w.User.Group, u.w.User.GroupID = deploy.Some("root"), deploy.Some(int64(0))
		u.set(l, "user.group", "user.groupID")
	default:
		u.w.User.Group = deploy.Some(a.Name)
		u.set(l, "user.group")
	}
}

// dynamicID is the user id that images for programs without root agree on.
const dynamicID = 65532

// dynamicUser is a user without a number of its own: any number will do, as long as nobody else has it.
func (u *unit) dynamicUser(l line) {
	if u.reset(l, "user.id") {
		return
	}
	v, ok := u.boolean(l)
	switch {
	case !ok:
	case !v:
		u.Inert(l.setting, "the default")
	default:
		u.w.User.ID, u.w.User.GroupID = deploy.Some(int64(dynamicID)), deploy.Some(int64(dynamicID))
		u.sandboxed, u.strict = &l, true
		if !u.w.Security.ReadOnlyRoot.IsSet() {
			u.w.Security.ReadOnlyRoot = deploy.Some(true)
			u.nearly(l, "the number is fixed instead of chosen at each start", "nothing to do, unless another program has that number: User= gives a user of its own", "user.id", "user.groupID", "security.readOnlyRoot")
			return
		}
		u.nearly(l, "the number is fixed instead of chosen at each start", "nothing to do, unless another program has that number: User= gives a user of its own", "user.id", "user.groupID")
	}
}

func (u *unit) groups(l line) {
	if u.reset(l, "user.groups") {
		return
	}
	items, problems := unitfile.Split(l.Value, unitfile.Protect)
	for _, p := range problems {
		u.bad(l, &p)
		return
	}
	u.Show(l.setting)
	for _, it := range items {
		if _, err := strconv.ParseUint(it.Text, 10, 32); err == nil {
			u.w.User.Groups = append(u.w.User.Groups, it.Text)
			u.Part(l.setting, u.at.Join("user", "groups"))
			continue
		}
		u.Drop(l.setting, "only the machine knows the number of group "+it.Text, "write its number")
	}
}

// resolve gives the user and group their numbers and the program its login environment (systemd.exec(5), ENVIRONMENT VARIABLES IN SPAWNED PROCESSES).
func (u *unit) resolve() {
	name, named := u.w.User.Name.Get()
	if !named && !u.w.User.ID.IsSet() {
		u.implied(execSpec, "User", "root", func() { u.w.User.Name, u.w.User.ID = deploy.Some("root"), deploy.Some(int64(0)) }, "user.name", "user.id")
		if !u.w.User.GroupID.IsSet() && !u.w.User.Group.IsSet() {
			u.implied(execSpec, "Group", "root", func() { u.w.User.Group, u.w.User.GroupID = deploy.Some("root"), deploy.Some(int64(0)) }, "user.group", "user.groupID")
		}
		return
	}
	if !named {
		return
	}
	acc := u.users.lookup(name)
	if name == "root" {
		acc = nil
	}
	if acc != nil {
		if !u.w.User.ID.IsSet() {
			u.w.User.ID = deploy.Some(acc.uid)
			u.Convert(acc.setting, u.at.Join("user", "id"))
		}
		group, hasGroup := u.w.User.Group.Get()
		if acc.hasGID && !u.w.User.GroupID.IsSet() && (!hasGroup || group == name) {
			u.w.User.GroupID = deploy.Some(acc.gid)
			u.Convert(acc.setting, u.at.Join("user", "groupID"))
		}
	}
	for _, key := range []string{"USER", "LOGNAME"} {
		u.impliedEnv(key, name)
	}
	switch {
	case name == "root":
		u.impliedEnv("HOME", "/root")
	case acc == nil:
		u.Drop(u.Implied(execSpec, "HOME", ""), "only the machine knows the home directory of "+name, "set Environment=HOME=… if the program uses it")
	case strings.TrimRight(acc.home, "/") != "":
		u.impliedEnv("HOME", acc.home)
	}
	if acc != nil && !strings.HasSuffix(acc.shell, "/nologin") && !strings.HasSuffix(acc.shell, "/false") {
		u.impliedEnv("SHELL", acc.shell)
	}
}
