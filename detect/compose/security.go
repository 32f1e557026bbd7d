package compose

import (
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/yamldoc"
)

// capabilities collects what cap_drop and cap_add say together.
type capabilities struct {
	dropped, added []string
	leaves         []yamldoc.Node
}

// runtimeCaps is what Docker leaves to a container: moby/profiles, "DefaultCapabilities".
var runtimeCaps = []string{
	"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
}

// allCaps is capability.h of Linux 6.
var allCaps = []string{
	"AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK",
	"IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "PERFMON", "SETFCAP",
	"SETGID", "SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT", "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME",
	"SYS_TTY_CONFIG", "WAKE_ALARM",
}

func (s *svc) capability(into *[]string) func(yamldoc.Node) {
	return func(n yamldoc.Node) {
		s.list(n, func(c yamldoc.Node, t string) {
			name := strings.TrimPrefix(strings.ToUpper(t), "CAP_")
			if name == "" || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") != "" {
				s.bad(c, wrongf("write its name: NET_BIND_SERVICE", "%q is no capability", t))
				return
			}
			if !slices.Contains(*into, name) {
				*into = append(*into, name)
			}
			s.caps.leaves = append(s.caps.leaves, c)
		})
	}
}

// settleCaps makes the bounding set of what was dropped and added.
func (s *svc) settleCaps() {
	at := s.at.Join("security", "capabilities")
	c := s.caps
	if len(c.leaves) == 0 {
		s.w.Security.Capabilities = deploy.List{"default"}
		s.implied("services.cap_add", "services."+s.name+".cap_add", "default", at)
		return
	}
	without := func(from []string) []string {
		return slices.DeleteFunc(slices.Clone(from), func(x string) bool { return slices.Contains(c.dropped, x) })
	}
	var set []string
	switch { // in the order in which Docker decides
	case slices.Contains(c.added, "ALL") && len(without(allCaps)) == len(allCaps):
		set = []string{"all"}
	case slices.Contains(c.added, "ALL"):
		set = without(allCaps)
	case slices.Contains(c.dropped, "ALL"):
		set = slices.Clone(c.added)
	default:
		set = append(without(runtimeCaps), c.added...)
		slices.Sort(set)
		set = slices.Compact(set)
		if slices.Equal(set, runtimeCaps) {
			set = []string{"default"}
		}
	}
	if len(set) == 0 {
		set = []string{"none"}
	}
	s.w.Security.Capabilities = set
	for _, l := range c.leaves {
		s.part(l, at)
	}
}

func (s *svc) securityOpt(n yamldoc.Node) {
	at := s.at.Join("security")
	s.once(n, func(c yamldoc.Node, t string) {
		name, value, _ := strings.Cut(strings.Replace(t, "=", ":", 1), ":")
		switch {
		case name == "no-new-privileges" && slices.Contains([]string{"", "true", "false"}, value):
			s.w.Security.NoNewPrivileges = deploy.Some(value != "false")
			s.give(c, at.Join("noNewPrivileges"))
		case name == "seccomp" && value == "unconfined":
			s.w.Security.Seccomp = deploy.Some("Unconfined")
			s.give(c, at.Join("seccomp"))
		case name == "seccomp" && (value == "builtin" || value == "default"):
			s.w.Security.Seccomp = deploy.Some("RuntimeDefault")
			s.give(c, at.Join("seccomp"))
		case name == "seccomp":
			s.lose(c, "a seccomp profile of one's own lies on each machine", "install it on the machines and set seccompProfile.localhostProfile by hand")
		case name == "apparmor" || name == "label":
			s.lose(c, "profiles and labels of "+name+" lie on each machine", "set them in the pod's securityContext by hand")
		case name == "systempaths":
			s.lose(c, "/proc and /sys are protected above Docker", "set procMount by hand")
		default:
			s.lose(c, "an option of Docker's that lift does not know", "see what it protects and set it by hand")
		}
	})
}

// yes sets a boolean.
func (s *svc) yes(field *deploy.Opt[bool], names ...string) func(yamldoc.Node) {
	return func(n yamldoc.Node) {
		if v, ok := s.truth(n); ok {
			*field = deploy.Some(v)
			s.give(n, s.at.Join(names...))
		}
	}
}

// platform reads OS/ARCH[/VARIANT].
func (s *svc) platform(n yamldoc.Node) {
	t, ok := s.text(n)
	if !ok {
		return
	}
	parts := strings.Split(t, "/")
	if len(parts) < 2 || parts[0] != "linux" || parts[1] == "" {
		s.lose(n, "lift moves Linux programs; this names "+strconv.Quote(t), "write linux/ARCH")
		return
	}
	arch := parts[1]
	if a, ok := map[string]string{"x86_64": "amd64", "aarch64": "arm64"}[arch]; ok {
		arch = a
	}
	s.w.Placement.Arch = deploy.Some(arch)
	at := s.at.Join("placement", "arch")
	if len(parts) > 2 && !(arch == "arm64" && parts[2] == "v8") {
		s.almost(n, "the variant "+parts[2]+" is not carried: a machine of any "+arch+" may run it", "label the machines and select them by hand", at)
		return
	}
	s.give(n, at)
}
