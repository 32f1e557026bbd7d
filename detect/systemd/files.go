package systemd

import (
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/systemd/unitfile"
)

func (u *unit) workingDirectory(l line) {
	if u.reset(l, "dir") {
		return
	}
	text, unknown, problem := unitfile.Expand(strings.TrimPrefix(l.Value, "-"), u.spec)
	switch {
	case problem != nil:
		u.bad(l, problem)
	case len(unknown) > 0:
		u.bad(l, &unitfile.Problem{What: unknown[0].Specifier + " is known to the machine alone", Remedy: "write the path out"})
	case text == "~":
		u.w.Dir = deploy.Some("~") // finish knows the user's home
		u.set(l, "dir")
	case !path.IsAbs(text):
		u.bad(l, &unitfile.Problem{What: "not an absolute path", Remedy: "write the path from the root on, or ~"})
	default:
		u.w.Dir = deploy.Some(path.Clean(text))
		u.set(l, "dir")
	}
}

func (u *unit) protectSystem(l line) {
	if u.reset(l, "security.readOnlyRoot") {
		u.strict = false
		return
	}
	switch l.Value {
	case "strict":
		u.strict = true
		u.w.Security.ReadOnlyRoot = deploy.Some(true)
		u.set(l, "security.readOnlyRoot")
		return
	case "full":
	default:
		v, problem := unitfile.ParseBool(l.Value)
		if problem != nil {
			u.bad(l, &unitfile.Problem{What: "neither a boolean nor full or strict", Remedy: "use yes, no, full or strict"})
			return
		}
		if !v {
			u.Show(l.setting)
			u.Inert(l.setting, "the default")
			return
		}
	}
	u.strict = false
	u.Show(l.setting)
	u.Inert(l.setting, "/usr, /boot and /etc of the machine are out of reach in a container, and those of the image belong to root")
}

// A directory below /run is in memory on the machine as well, and systemd charges it to the unit like a container runtime; /tmp and /var/tmp lie on the disk, as a rule.
const (
	inMemory       = "/tmp and /var/tmp are on the machine's disk, and in memory here: what the program leaves there counts against its memory limit"
	inMemoryRemedy = "raise MemoryMax= by what it writes there, or let TMPDIR= name a directory of CacheDirectory="
)

func (u *unit) privateTmp(l line) {
	if u.reset(l) {
		u.privTmp = nil
		return
	}
	v, ok := u.boolean(l)
	if !ok {
		return
	}
	u.Show(l.setting)
	if !v {
		u.Inert(l.setting, "the default")
		return
	}
	if u.privTmp != nil {
		u.Override(u.privTmp.setting, "overridden by "+l.pos().String())
	}
	u.privTmp = &l
}

type writablePath struct {
	line
	path string
}

func (u *unit) readWritePaths(l line) {
	if l.Value == "" {
		for _, w := range u.writable {
			u.Override(w.setting, "overridden by "+l.pos().String())
		}
		u.writable = nil
		u.Inert(l.setting, "empty: it takes back what stood before")
		return
	}
	u.Show(l.setting)
	items, problems := unitfile.Split(l.Value, unitfile.Protect)
	for _, p := range problems {
		u.bad(l, &p)
		return
	}
	for _, it := range items {
		text, unknown, problem := unitfile.Expand(strings.TrimLeft(it.Text, "-+"), u.spec)
		if problem != nil {
			u.bad(l, problem)
			return
		}
		if len(unknown) > 0 || !path.IsAbs(text) {
			u.bad(l, &unitfile.Problem{What: "not an absolute path", Remedy: "write the path from the root on"})
			return
		}
		u.writable = append(u.writable, writablePath{l, path.Clean(text)})
	}
}

func (u *unit) temporaryFileSystem(l line) {
	u.Show(l.setting)
	if l.Value == "" {
		u.Inert(l.setting, "empty: it takes back what stood before")
		return
	}
	items, problems := unitfile.Split(l.Value, unitfile.Protect)
	for _, p := range problems {
		u.bad(l, &p)
		return
	}
	for _, it := range items {
		p, options, _ := strings.Cut(it.Text, ":")
		if !path.IsAbs(p) {
			u.bad(l, &unitfile.Problem{What: "not an absolute path", Remedy: "write the path from the root on"})
			return
		}
		m := deploy.Mount{Path: path.Clean(p), Kind: deploy.Some(deploy.MountTmpfs)}
		at := u.at.Join("mounts", m.Path)
		fields := []deploy.Path{at.Join("kind")}
		for _, o := range strings.Split(options, ",") {
			switch name, value, _ := strings.Cut(o, "="); name {
			case "":
			case "ro":
				m.ReadOnly = deploy.Some(true)
				fields = append(fields, at.Join("readOnly"))
			case "mode":
				if mode, problem := unitfile.ParseMode(value); problem == nil {
					m.Mode = deploy.Some(deploy.Mode(mode))
					fields = append(fields, at.Join("mode"))
				}
			case "size":
				if s, problem := unitfile.ParseSize(value); problem == nil && !s.Relative && !s.Infinite {
					m.Size = deploy.Some(deploy.Bytes(s.Bytes))
					fields = append(fields, at.Join("size"))
				}
			default:
				u.Drop(l.setting, "the option "+name+" of a directory in memory has no counterpart", "")
			}
		}
		u.mount(m)
		u.Convert(l.setting, fields...)
	}
}

func (u *unit) mount(m deploy.Mount) *deploy.Mount {
	i := slices.IndexFunc(u.w.Mounts, func(x deploy.Mount) bool { return x.Path == m.Path })
	if i < 0 {
		u.w.Mounts = append(u.w.Mounts, m)
		return &u.w.Mounts[len(u.w.Mounts)-1]
	}
	u.w.Mounts[i] = m
	return &u.w.Mounts[i]
}

// directory is one name in StateDirectory= and its kind.
type directory struct {
	line
	name string
}

// kinds of directories that systemd makes (systemd.exec(5), Table 2).
var directoryKinds = []struct {
	key, root, env, suffix string
}{
	{"RuntimeDirectory", "/run", "RUNTIME_DIRECTORY", ""},
	{"StateDirectory", "/var/lib", "STATE_DIRECTORY", "state"},
	{"CacheDirectory", "/var/cache", "CACHE_DIRECTORY", "cache"},
	{"LogsDirectory", "/var/log", "LOGS_DIRECTORY", "logs"},
}

func directories(key string) func(*unit, line) {
	return func(u *unit, l line) {
		if l.Value == "" {
			for _, d := range u.dirs[key] {
				u.Override(d.setting, "overridden by "+l.pos().String())
			}
			u.dirs[key] = nil
			u.Inert(l.setting, "empty: it takes back what stood before")
			return
		}
		u.Show(l.setting)
		items, problems := unitfile.Split(l.Value, unitfile.Protect)
		for _, p := range problems {
			u.bad(l, &p)
			return
		}
		for _, it := range items {
			text, unknown, problem := unitfile.Expand(it.Text, u.spec)
			name, _, _ := strings.Cut(text, ":")
			switch {
			case problem != nil:
				u.bad(l, problem)
				return
			case len(unknown) > 0 || path.IsAbs(name) || name == "" || slices.Contains(strings.Split(name, "/"), ".."):
				u.bad(l, &unitfile.Problem{What: "not a relative path", Remedy: "write a name such as shop or shop/uploads"})
				return
			}
			u.dirs[key] = append(u.dirs[key], directory{l, path.Clean(name)})
		}
	}
}

func directoryMode(of string) func(*unit, line) {
	return func(u *unit, l line) {
		if _, problem := unitfile.ParseMode(l.Value); problem != nil && l.Value != "" {
			u.bad(l, problem)
			return
		}
		u.Show(l.setting)
		if old, ok := u.modes[of]; ok {
			u.Override(old.setting, "overridden by "+l.pos().String())
		}
		u.modes[of] = l
	}
}

// directoriesMade turns the directories that systemd makes into mounts: memory below /run, volumes elsewhere.
func (u *unit) directoriesMade() {
	for _, kind := range directoryKinds {
		dirs := u.dirs[kind.key]
		mode, hasMode := u.modes[kind.key]
		if len(dirs) == 0 {
			if hasMode {
				u.Inert(mode.setting, "there is no "+kind.key+"= that it could speak of")
			}
			continue
		}
		var env []string
		for _, d := range dirs {
			p := path.Join(kind.root, d.name)
			env = append(env, p)
			at := u.at.Join("mounts", p)
			m := deploy.Mount{Path: p, Kind: deploy.Some(deploy.MountTmpfs)}
			fields := []deploy.Path{at.Join("kind")}
			if kind.suffix != "" {
				v := u.volume(d.line, strings.ReplaceAll(d.name, "/", "-")+"-"+kind.suffix, p)
				m.Kind, m.Volume = deploy.Some(deploy.MountVolume), deploy.Some(deploy.Ref(v))
				fields = append(fields, at.Join("volume"))
			}
			m.Mode = deploy.Some(deploy.Mode(0o755))
			if hasMode {
				n, _ := unitfile.ParseMode(mode.Value) // it was read before
				m.Mode = deploy.Some(deploy.Mode(n))
				u.Convert(mode.setting, at.Join("mode"))
			} else {
				u.Convert(u.Implied(execSpec, kind.key+"Mode", "0755"), at.Join("mode"))
			}
			u.mount(m)
			u.Convert(d.setting, fields...)
		}
		if !slices.ContainsFunc(u.w.Env, func(e deploy.Env) bool { return e.Name == kind.env }) {
			u.setEnv(kind.env, strings.Join(env, ":"), nil, dirs[0].setting)
		}
	}
}

// volume makes the volume of a directory, once for all units that have it.
func (u *unit) volume(l line, name, origin string) deploy.Path {
	at := deploy.At("volumes", name)
	if !deploy.Has(u.App, at) {
		u.App.Volumes = append(u.App.Volumes, deploy.Volume{Name: name, Origin: deploy.Some(origin)})
	}
	u.Part(l.setting, at.Join("origin"), at.Join("access"))
	return at
}

// writableMade settles ReadWritePaths= and PrivateTmp=, which mean something only where the rest is read-only.
func (u *unit) writableMade() {
	for _, w := range u.writable {
		covered := slices.ContainsFunc(u.w.Mounts, func(m deploy.Mount) bool { return w.path == m.Path || strings.HasPrefix(w.path, m.Path+"/") })
		at := u.at.Join("mounts", w.path)
		switch {
		case covered:
			u.Inert(w.setting, w.path+" is a directory of its own that is writable anyway")
		case !u.strict:
			u.Inert(w.setting, "nothing is read-only without ProtectSystem=strict")
		case w.path == "/tmp" || w.path == "/run" || strings.HasPrefix(w.path, "/run/") || strings.HasPrefix(w.path, "/tmp/") || w.path == "/var/tmp":
			u.mount(deploy.Mount{Path: w.path, Kind: deploy.Some(deploy.MountTmpfs)})
			if strings.HasPrefix(w.path, "/run") {
				u.Convert(w.setting, at.Join("kind"))
			} else {
				u.Approximate(w.setting, inMemory, inMemoryRemedy, at.Join("kind"))
			}
		default:
			v := u.volume(w.line, strings.ReplaceAll(strings.Trim(w.path, "/"), "/", "-"), w.path)
			u.mount(deploy.Mount{Path: w.path, Kind: deploy.Some(deploy.MountVolume), Volume: deploy.Some(deploy.Ref(v))})
			u.Convert(w.setting, at.Join("kind"), at.Join("volume"))
		}
	}
	if u.privTmp == nil {
		return
	}
	if !u.strict {
		u.Inert(u.privTmp.setting, "a container has a /tmp of its own")
		return
	}
	var fields []deploy.Path
	for _, p := range []string{"/tmp", "/var/tmp"} {
		u.mount(deploy.Mount{Path: p, Kind: deploy.Some(deploy.MountTmpfs)})
		fields = append(fields, u.at.Join("mounts", p, "kind"))
	}
	u.Approximate(u.privTmp.setting, inMemory, inMemoryRemedy, fields...)
}
