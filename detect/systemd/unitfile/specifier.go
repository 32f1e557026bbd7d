package unitfile

import "strings"

// Specifiers is what the specifiers of a unit stand for (systemd.unit(5), SPECIFIERS). An empty field is not known:
// a specifier that needs it is reported, never guessed.
type Specifiers struct {
	Unit     string // full name: web.service, worker@3.service, or worker@.service for a template
	Fragment string // path of the unit file: %y, %Y

	User, UID, Group, GID, Home, Shell                string // of the service manager, not of User=: %u %U %g %G %h %s
	Runtime, State, Cache, Logs, Config, Data         string // %t %S %C %L %E %D
	Temporary, PersistentTemporary, CredentialsParent string // %T %V, and the folder of %d
}

// SystemSpecifiers returns what holds under the system manager. %s is /bin/bash on Debian but depends on how systemd
// was built and on what is installed, so Shell is left to the caller.
func SystemSpecifiers(unit, fragment string) Specifiers {
	return Specifiers{
		Unit: unit, Fragment: fragment,
		User: "root", UID: "0", Group: "root", GID: "0", Home: "/root",
		Runtime: "/run", State: "/var/lib", Cache: "/var/cache", Logs: "/var/log", Config: "/etc", Data: "/usr/share",
		Temporary: "/tmp", PersistentTemporary: "/var/tmp", CredentialsParent: "/run/credentials",
	}
}

// Unknown is a specifier that cannot be resolved without the machine (or, for a template, without the instance). It
// stands in the expanded text as it was written.
type Unknown struct {
	Specifier string // such as "%H"
	Meaning   string // such as "host name"
	Offset    int    // in the expanded text
}

// machine names what only the running machine can tell.
var machine = [...]struct {
	letter  byte
	meaning string
}{
	{'a', "architecture"},
	{'A', "operating system image version"},
	{'b', "boot ID"},
	{'B', "operating system build ID"},
	{'c', "control group path of the unit"},
	{'H', "host name"},
	{'l', "short host name"},
	{'m', "machine ID"},
	{'M', "operating system image identifier"},
	{'o', "operating system ID"},
	{'q', "pretty host name"},
	{'r', "control group path of the slice"},
	{'R', "root of the control group tree"},
	{'v', "kernel release"},
	{'w', "operating system version ID"},
	{'W', "operating system variant ID"},
}

// Expand replaces the specifiers in s. %D is known from systemd 255 on, %c, %r and %R are deprecated. A percent sign
// before anything but a letter or digit stays, as systemd leaves it. A letter that names no specifier is a problem:
// systemd then refuses the setting.
func Expand(s string, specifiers Specifiers) (string, []Unknown, *Problem) {
	if strings.IndexByte(s, '%') < 0 {
		return s, nil, nil
	}
	var b strings.Builder
	var unknown []Unknown
	for i := 0; i < len(s); i++ {
		if s[i] != '%' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		c := s[i]
		if c == '%' {
			b.WriteByte('%')
			continue
		}
		if !isLetter(c) && !isDigit(c) {
			b.WriteByte('%')
			i--
			continue
		}
		text, meaning, invalid := specifiers.lookup(c)
		switch {
		case invalid != "":
			return b.String(), unknown, fault(i-1, "%"+string(c)+" "+invalid, "mend the name of the unit")
		case meaning != "":
			unknown = append(unknown, Unknown{s[i-1 : i+1], meaning, b.Len()})
			b.WriteString(s[i-1 : i+1])
		case text == nil:
			return b.String(), unknown, fault(i-1, "unknown specifier %"+string(c), "write %% for a percent sign")
		default:
			b.WriteString(*text)
		}
	}
	return b.String(), unknown, nil
}

// lookup resolves one specifier: to a text; or to what it means if that is not known; or to what is wrong with the
// unit's name. All three empty: there is no such specifier.
func (s Specifiers) lookup(c byte) (text *string, meaning, invalid string) {
	given := func(value, meaning string) (*string, string, string) {
		if value == "" {
			return nil, meaning, ""
		}
		return &value, "", ""
	}
	unescaped := func(escaped string, unescape func(string) (string, bool)) (*string, string, string) {
		value, ok := unescape(escaped)
		if !ok {
			return nil, "", "cannot undo the escaping of " + escaped
		}
		return &value, "", ""
	}
	switch c {
	case 'u':
		return given(s.User, "user of the service manager")
	case 'U':
		return given(s.UID, "user ID of the service manager")
	case 'g':
		return given(s.Group, "group of the service manager")
	case 'G':
		return given(s.GID, "group ID of the service manager")
	case 'h':
		return given(s.Home, "home directory of the service manager's user")
	case 's':
		return given(s.Shell, "shell of the service manager's user")
	case 't':
		return given(s.Runtime, "runtime directory root")
	case 'S':
		return given(s.State, "state directory root")
	case 'C':
		return given(s.Cache, "cache directory root")
	case 'L':
		return given(s.Logs, "log directory root")
	case 'E':
		return given(s.Config, "configuration directory root")
	case 'D':
		return given(s.Data, "shared data directory")
	case 'T':
		return given(s.Temporary, "directory for temporary files")
	case 'V':
		return given(s.PersistentTemporary, "directory for larger temporary files")
	case 'y':
		return given(s.Fragment, "path of the unit file")
	case 'Y':
		dir, _, _ := cutLast(s.Fragment, "/")
		if dir == "" && strings.HasPrefix(s.Fragment, "/") {
			dir = "/"
		}
		return given(dir, "directory of the unit file")
	}
	for _, m := range machine {
		if m.letter == c {
			return nil, m.meaning, ""
		}
	}
	n := SplitUnitName(s.Unit)
	_, last, dashed := cutLast(n.Prefix, "-")
	if !dashed {
		last = n.Prefix
	}
	if n.Prefix == "" && strings.IndexByte("nNpPiIjJfd", c) >= 0 {
		return nil, "name of the unit", ""
	}
	switch c {
	case 'p':
		return &n.Prefix, "", ""
	case 'P':
		return unescaped(n.Prefix, Unescaped)
	case 'j':
		return &last, "", ""
	case 'J':
		return unescaped(last, Unescaped)
	}
	if n.Template && n.Instance == "" && strings.IndexByte("nNiIfd", c) >= 0 {
		return nil, "instance of the template", ""
	}
	switch c {
	case 'n':
		return &s.Unit, "", ""
	case 'N':
		full := strings.TrimSuffix(s.Unit, n.Suffix)
		return &full, "", ""
	case 'i':
		return &n.Instance, "", ""
	case 'I':
		return unescaped(n.Instance, Unescaped)
	case 'f':
		if n.Template {
			return unescaped(n.Instance, UnescapedPath)
		}
		return unescaped(n.Prefix, UnescapedPath)
	case 'd':
		if s.CredentialsParent == "" {
			return nil, "credentials directory", ""
		}
		dir := s.CredentialsParent + "/" + s.Unit
		return &dir, "", ""
	}
	return nil, "", ""
}

// UnitName is a unit's name in its parts: Prefix "@" Instance Suffix (systemd.unit(5), DESCRIPTION).
type UnitName struct {
	Prefix, Instance string
	Suffix           string // with its dot
	Template         bool   // the name has an "@"; without an Instance it is the template itself
}

// SplitUnitName takes a unit's name apart. It does not check it.
func SplitUnitName(name string) UnitName {
	rest, suffix, found := cutLast(name, ".")
	if found {
		suffix = "." + suffix
	} else {
		rest, suffix = name, ""
	}
	prefix, instance, template := strings.Cut(rest, "@")
	return UnitName{prefix, instance, suffix, template}
}

// Unescaped undoes the escaping of a string in a unit name (systemd.unit(5), STRING ESCAPING FOR INCLUSION IN UNIT
// NAMES): "-" is "/", and \x2d a byte.
func Unescaped(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '-':
			b.WriteByte('/')
		case '\\':
			v, ok := digits(s, i+2, 2, 16)
			if i+1 >= len(s) || s[i+1] != 'x' || !ok {
				return "", false
			}
			b.WriteByte(byte(v))
			i += 3
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), true
}

// UnescapedPath undoes the escaping of an absolute path: "-" alone is the root directory. A path that systemd's own
// escaping cannot have produced is refused.
func UnescapedPath(s string) (string, bool) {
	if s == "-" {
		return "/", true
	}
	path, ok := Unescaped(s)
	if !ok || path == "" || strings.IndexByte(path, 0) >= 0 {
		return "", false
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." {
			return "", false
		}
	}
	return "/" + path, true
}

// cutLast cuts s around the last separator.
func cutLast(s, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(s, separator); i >= 0 {
		return s[:i], s[i+len(separator):], true
	}
	return "", s, false
}
