package systemd

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/systemd/unitfile"
)

func (u *unit) umask(l line) {
	if u.reset(l, "umask") {
		return
	}
	m, problem := unitfile.ParseMode(l.Value)
	if problem != nil {
		u.bad(l, problem)
		return
	}
	u.w.Umask = deploy.Some(deploy.Mode(m))
	u.set(l, "umask")
}

func count(l unitfile.Limit) deploy.Limit[int64] {
	if l.Infinite || l.N > math.MaxInt64 {
		return deploy.Unlimited[int64]()
	}
	return deploy.Bound(int64(l.N))
}

func (u *unit) limitNOFILE(l line) {
	if u.reset(l, "resources.files.soft", "resources.files.hard") {
		return
	}
	soft, hard, problem := unitfile.ParseLimit(l.Key, l.Value)
	if problem != nil {
		u.bad(l, problem)
		return
	}
	u.w.Resources.Files = deploy.Files{Soft: deploy.Some(count(soft)), Hard: deploy.Some(count(hard))}
	u.set(l, "resources.files.soft", "resources.files.hard")
}

func (u *unit) tasksMax(l line) {
	if u.reset(l, "resources.pids") {
		return
	}
	u.Show(l.setting)
	switch {
	case l.Value == "infinity":
		u.w.Resources.Pids = deploy.Some(deploy.Unlimited[int64]())
	case strings.HasSuffix(l.Value, "%"):
		if _, problem := unitfile.ParsePercent(l.Value); problem != nil {
			u.bad(l, problem)
			return
		}
		u.Drop(l.setting, "a share of what the machine allows is no number here", "write the number of tasks")
		return
	default:
		n, problem := unitfile.ParseCount(l.Value)
		if problem != nil {
			u.bad(l, problem)
			return
		}
		u.w.Resources.Pids = deploy.Some(deploy.Bound(int64(min(n, math.MaxInt64))))
	}
	u.set(l, "resources.pids")
}

// size reads an amount of memory. A share of the machine's memory is no amount above it.
func (u *unit) size(l line) (deploy.Limit[deploy.Bytes], bool) {
	s, problem := unitfile.ParseSize(l.Value)
	switch {
	case problem != nil:
		u.bad(l, problem)
		return deploy.Limit[deploy.Bytes]{}, false
	case s.Relative:
		u.Show(l.setting)
		u.Drop(l.setting, "a share of the machine's memory is no amount on another machine", "write the amount, such as 512M")
		return deploy.Limit[deploy.Bytes]{}, false
	case s.Infinite || s.Bytes > math.MaxInt64:
		return deploy.Unlimited[deploy.Bytes](), true
	}
	return deploy.Bound(deploy.Bytes(s.Bytes)), true
}

func (u *unit) memoryMax(l line) {
	if u.reset(l, "resources.memory.limit") {
		return
	}
	if n, ok := u.size(l); ok {
		u.w.Resources.Memory.Limit = deploy.Some(n)
		u.set(l, "resources.memory.limit")
	}
}

func (u *unit) memoryRequest(l line) {
	if u.reset(l, "resources.memory.request") {
		return
	}
	if n, ok := u.size(l); ok {
		b, bounded := n.Get()
		if !bounded {
			u.Show(l.setting)
			u.Drop(l.setting, "all of the machine's memory cannot be reserved", "write the amount, such as 128M")
			return
		}
		u.w.Resources.Memory.Request = deploy.Some(b)
		u.set(l, "resources.memory.request")
	}
}

func (u *unit) memorySwap(l line) {
	if u.reset(l, "resources.memory.swap") {
		return
	}
	if n, ok := u.size(l); ok {
		u.w.Resources.Memory.Swap = deploy.Some(n)
		u.set(l, "resources.memory.swap")
	}
}

func (u *unit) cpuQuota(l line) {
	if u.reset(l, "resources.cpu.limit") {
		return
	}
	n, problem := unitfile.ParseCPUQuota(l.Value)
	if problem != nil {
		u.bad(l, problem)
		return
	}
	u.w.Resources.CPU.Limit = deploy.Some(deploy.Bound(deploy.NanoCPU(n)))
	u.set(l, "resources.cpu.limit")
}

func (u *unit) cpuWeight(l line) {
	if u.reset(l, "resources.cpu.weight") {
		return
	}
	u.Show(l.setting)
	if l.Value == "idle" {
		u.Drop(l.setting, "only systemd knows a weight below all others", "use CPUWeight=1")
		return
	}
	n, err := strconv.ParseInt(l.Value, 10, 64)
	if err != nil || n < 1 || n > 10000 {
		u.bad(l, &unitfile.Problem{What: "not a weight", Remedy: "write a number from 1 to 10000, or idle"})
		return
	}
	u.w.Resources.CPU.Weight = deploy.Some(n)
	u.set(l, "resources.cpu.weight")
}

// capabilities are all that Linux has (capabilities(7)), without CAP_.
var capabilities = strings.Fields(`AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER KILL
	LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE
	SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG SYSLOG WAKE_ALARM`)

// capabilityNames reads a list of capabilities; with "~" before it the listed ones are taken away from all.
func (u *unit) capabilityNames(l line) (names []string, inverted, ok bool) {
	text, inverted := strings.CutPrefix(l.Value, "~")
	for _, f := range strings.Fields(text) {
		name := strings.TrimPrefix(strings.ToUpper(f), "CAP_")
		if !slices.Contains(capabilities, name) {
			u.bad(l, &unitfile.Problem{What: "unknown capability " + strconv.Quote(f), Remedy: "use the names of capabilities(7), such as CAP_NET_BIND_SERVICE"})
			return nil, false, false
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names), inverted, true
}

func (u *unit) boundingSet(l line) {
	names, inverted, ok := u.capabilityNames(l)
	if !ok {
		return
	}
	c := &u.w.Security.Capabilities
	switch {
	case inverted && len(names) == 0:
		*c = deploy.List{"all"}
	case len(names) == 0:
		*c = deploy.List{"none"}
	case inverted:
		base := []string(*c)
		if len(base) == 0 || base[0] == "all" {
			base = capabilities
		}
		*c = nil
		for _, k := range base {
			if !slices.Contains(names, k) {
				*c = append(*c, k)
			}
		}
	default:
		if len(*c) > 0 && (*c)[0] != "none" && (*c)[0] != "all" {
			names = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(names), *c...))))
		}
		*c = names
	}
	u.Show(l.setting)
	u.Part(l.setting, u.at.Join("security", "capabilities"))
}

// ambientSet waits for finish: it matters only to a program that is not root.
func (u *unit) ambientSet(l line) {
	u.Show(l.setting)
	if _, _, ok := u.capabilityNames(l); !ok {
		return
	}
	if u.ambient != nil {
		u.Override(u.ambient.setting, "overridden by "+l.pos().String())
	}
	u.ambient = &l
}

func (u *unit) noNewPrivileges(l line) {
	if u.reset(l, "security.noNewPrivileges") {
		return
	}
	if v, ok := u.boolean(l); ok {
		u.w.Security.NoNewPrivileges = deploy.Some(v)
		u.set(l, "security.noNewPrivileges")
	}
}

func (u *unit) syslogIdentifier(l line) {
	if u.reset(l, "logging.tag") {
		return
	}
	text, unknown, problem := unitfile.Expand(l.Value, u.spec)
	if problem != nil {
		u.bad(l, problem)
		return
	}
	if len(unknown) > 0 {
		u.Show(l.setting)
		u.Drop(l.setting, unknown[0].Specifier+" is known to the machine alone", "write the name out")
		return
	}
	u.w.Logging.Tag = deploy.Some(text)
	u.set(l, "logging.tag")
}

func (u *unit) output(l line) {
	u.Show(l.setting)
	kind, target, _ := strings.Cut(l.Value, ":")
	switch kind {
	case "", "inherit", "journal", "journal+console", "kmsg", "kmsg+console", "syslog", "syslog+console", "tty":
		u.Inert(l.setting, "every tier collects what the program prints")
	case "null":
		u.Drop(l.setting, "every tier collects what the program prints", "let the program print less")
	case "file", "append", "truncate":
		u.Drop(l.setting, "output goes to the platform's log instead of "+target, "read it with `docker compose logs` or `kubectl logs`")
	case "socket", "fd":
		u.Drop(l.setting, "there is no socket that systemd could hand over", "let the program open its connections itself")
	default:
		u.bad(l, &unitfile.Problem{What: "unknown kind of output", Remedy: "use inherit, null, journal, file:PATH, append:PATH, socket or fd:NAME"})
	}
}
