package systemd

import (
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/systemd/unitfile"
	"github.com/deploylift/lift/ledger"
)

// account is what the tree knows of a user.
type account struct {
	name, home, shell string
	uid, gid          int64
	hasGID            bool
	setting           int
}

// accounts finds users in the tree: lines of sysusers.d(5) and of a copied /etc/passwd. A line becomes a setting when a unit first uses it.
type accounts struct {
	r     *reader
	lines map[string]accountLine
	known map[string]*account
}

type accountLine struct {
	at     ledger.Pos
	key    string
	fields []string
}

func newAccounts(r *reader) *accounts {
	a := &accounts{r: r, lines: map[string]accountLine{}, known: map[string]*account{}}
	for _, p := range r.tree.Paths {
		isSysusers := strings.HasSuffix(path.Dir(p), "sysusers.d") && path.Ext(p) == ".conf"
		if isSysusers || p == "etc/passwd" || strings.HasSuffix(p, "/etc/passwd") {
			a.scan(p, isSysusers)
		}
	}
	return a
}

func (a *accounts) scan(p string, sysusers bool) {
	src, err := fs.ReadFile(a.r.tree.FS, p)
	if err != nil || len(src) > unitfile.MaxFile {
		return
	}
	for i, text := range strings.Split(string(src), "\n") {
		at := ledger.Pos{File: p, Line: i + 1}
		if !sysusers { // passwd(5)
			if f := strings.Split(text, ":"); len(f) == 7 {
				a.lines[f[0]] = accountLine{at, "passwd", []string{f[2] + ":" + f[3], f[5], f[6]}}
			}
			continue
		}
		items, problems := unitfile.Split(strings.TrimSpace(text), unitfile.Unescape)
		if len(problems) > 0 || len(items) < 2 || items[0].Text != "u" {
			continue
		}
		f := []string{"-", "/", "/usr/sbin/nologin"} // sysusers.d(5): ID, home directory, shell
		for k, from := range []int{2, 4, 5} {
			if from < len(items) && items[from].Text != "-" {
				f[k] = items[from].Text
			}
		}
		a.lines[items[1].Text] = accountLine{at, "u", f}
	}
}

// lookup returns what the tree knows of a user, nil for nothing.
func (a *accounts) lookup(name string) *account {
	if acc, ok := a.known[name]; ok {
		return acc
	}
	l, ok := a.lines[name]
	if !ok {
		return nil
	}
	uid, gid, both := strings.Cut(l.fields[0], ":")
	acc := &account{name: name, home: l.fields[1], shell: l.fields[2]}
	n, err := strconv.ParseInt(uid, 10, 64)
	if err != nil {
		return nil // "-" or a path: the number is chosen when the user is created
	}
	acc.uid, acc.gid, acc.hasGID = n, n, true
	if both {
		if g, err := strconv.ParseInt(gid, 10, 64); err == nil {
			acc.gid = g
		}
	}
	acc.setting = a.r.Setting(l.at, l.key+" "+name, deploy.Plain(name+" "+strings.Join(l.fields, " ")))
	a.known[name] = acc
	return acc
}
