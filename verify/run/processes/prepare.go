//go:build linux

package processes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
	"github.com/deploylift/lift/verify/run/witness"
	"golang.org/x/sys/unix"
)

// plan turns a system into a side.
type plan struct {
	sys     run.System
	scratch string
	mask    mask
	side    side
	made    map[string]*made    // by recipe
	users   map[*made][]string  // who runs what was made
	program map[string]*made    // by workload
	volumes map[string]string   // volume → its directory, as the supervisor sees it
	ids     map[string]identity // by workload
}

// searchPath is what a program finds in PATH if nothing sets it: systemd's on a Debian system (systemd.exec(5)), and a login's.
const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// mostReplicas is how many instances of a workload are started: how several of them get on with each other shows with fewer than a system may have.
const mostReplicas = 8

// shortest is how long a program that ends stays down at least: one that cannot run would take the machine's whole time.
const shortest = 50 * time.Millisecond

// prepare makes all that the supervisor needs to know, and builds the programs.
func prepare(ctx context.Context, sys run.System, scratch string, g groups) (side, error) {
	p := &plan{
		sys: sys, scratch: scratch, mask: maskOf(sys), made: map[string]*made{}, users: map[*made][]string{}, program: map[string]*made{}, volumes: map[string]string{}, ids: map[string]identity{},
		side: side{Scratch: scratch, Groups: g, Witness: sys.Witness != nil},
	}
	var errs []error
	for _, w := range sys.App.Workloads {
		id, account := identify(w)
		p.ids[w.Name] = id
		if account != nil {
			p.side.Accounts = append(p.side.Accounts, *account)
		}
		errs = append(errs, p.recipe(w))
	}
	if err := errors.Join(errs...); err != nil {
		return p.side, err
	}
	if err := p.machineFiles(); err != nil {
		return p.side, err
	}
	if sys.Witness != nil {
		if err := copyFile(sys.Witness.Binary, filepath.Join(scratch, "witness")); err != nil {
			return p.side, err
		}
	}
	var list []*made
	for _, w := range sys.App.Workloads {
		if m := p.program[w.Name]; m != nil && !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	if err := p.lacking(); err != nil {
		return p.side, err
	}
	if err := p.makeAll(ctx, list); err != nil {
		return p.side, err
	}
	for i, w := range sys.App.Workloads {
		u, err := p.unit(i, w)
		errs = append(errs, err)
		p.side.Units = append(p.side.Units, u)
	}
	if err := errors.Join(errs...); err != nil {
		return p.side, err
	}
	p.shared()
	return p.side, nil
}

// recipe finds out how a workload's program is made.
func (p *plan) recipe(w deploy.Workload) error {
	id := p.ids[w.Name]
	_, takes := p.witness(w)
	r, ok, err := recipeOf(w, id.uid, id.gid, takes)
	if !ok || err != nil {
		return err
	}
	m := p.made[r.key()]
	if m == nil {
		m = &made{recipe: r}
		p.made[r.key()] = m
	}
	p.users[m] = append(p.users[m], w.Name)
	p.program[w.Name] = m
	return nil
}

// systemd reports whether the workload's supervisor is systemd, which does some things that no unit says. A Procfile knows no users; systemd gives every program one.
func (p *plan) systemd(w deploy.Workload) bool { return underSystemd(p.sys, w) }

func underSystemd(s run.System, w deploy.Workload) bool {
	if len(s.From) > 0 && !slices.Contains(s.From, "systemd") && !slices.Contains(s.From, "nginx") {
		return false
	}
	return w.User.ID.IsSet() || w.User.Name.IsSet()
}

// unit is how the supervisor takes care of a workload.
func (p *plan) unit(index int, w deploy.Workload) (unit, error) {
	u := unit{
		Name: w.Name, Index: index, Kind: w.Kind.Or(deploy.Service), Autostart: w.Autostart.Or(true), Systemd: p.systemd(w), Accept: w.Source.Accept.Or(""),
		Restart: restart{Policy: w.Restart.Policy.Or(deploy.RestartNo), Delay: max(w.Restart.Delay.Or(shortest), shortest), Attempts: numberOf(w.Restart.Attempts), Window: w.Restart.Window.Or(0)},
		Timeout: spanOf(w.Start.Timeout, boundless), Run: spanOf(w.Start.Run, -1),
		Limits: limitsOf(w.Resources),
	}
	fail := func(err error) (unit, error) { return u, fmt.Errorf("%s: %w", w.Name, err) }
	sig, err := signalOf(w.Stop.Signal.Or("SIGTERM"))
	if err != nil {
		return fail(err)
	}
	u.Stop = stop{Signal: sig, Grace: spanOf(w.Stop.Grace, 10*time.Second), Scope: w.Stop.Scope.Or(deploy.StopGroup)}
	if !w.Command.Argv.IsSet() && !w.Command.Entrypoint.IsSet() {
		return fail(run.Error{What: "no command starts it", Remedy: "say in the sources how it is started"})
	}
	u.Command = commandOf(w.Command)
	u.Before, u.Started, u.Stopping = p.tasks(w, w.Before), p.tasks(w, w.Started), p.tasks(w, w.Stopping)
	for _, n := range w.Needs {
		u.Needs = append(u.Needs, need{Unit: n.Workload, Condition: n.Condition.Or(deploy.Started), Required: n.Required.Or(false), Follow: n.Follow.Or(false)})
	}
	for _, s := range w.Source.Sockets {
		f := append(strings.SplitN(s, " ", 3), "", "")
		u.Sockets = append(u.Sockets, socket{Kind: f[0], Address: f[1], Name: f[2]})
		p.address(hostOf(f[1]))
	}
	for _, port := range w.Ports {
		p.address(port.Address.Or(""))
		p.address(hostOf(port.Published.Or("")))
	}
	if u.World, err = p.world(w); err != nil {
		return fail(err)
	}
	if err := p.mounts(&u, w); err != nil {
		return fail(err)
	}
	plan, takes := p.witness(w)
	if takes {
		u.Command.Front = []string{ownWitness, "--"}
		text, err := json.Marshal(plan)
		if err != nil {
			return fail(err)
		}
		set(&u.World.Env, witness.Variable, string(text))
	} else {
		p.interpreters(w, u)
	}
	u.Ready = readiness(w, takes, plan)
	u.Replicas = replicas(w, takes, plan)
	return u, nil
}

func (p *plan) witness(w deploy.Workload) (witness.Plan, bool) {
	if p.sys.Witness == nil {
		return witness.Plan{}, false
	}
	plan, ok := p.sys.Witness.Plans[w.Name]
	return plan, ok
}

func commandOf(c deploy.Command) command {
	out := command{Entry: c.Entrypoint, Argv: c.Argv}
	if sh, ok := c.Shell.Get(); ok {
		out.Shell = sh
		if len(c.Argv) > 0 {
			out.Script, _ = c.Argv[0].Literal()
		}
	}
	return out
}

// tasks are the commands beside the program; those that need its files are left out where the witness takes its place.
func (p *plan) tasks(w deploy.Workload, list []deploy.Task) []task {
	var out []task
	for _, t := range list {
		if _, takes := p.witness(w); !takes || independent(w, t) {
			out = append(out, task{Command: commandOf(t.Command), MayFail: t.MayFail.Or(false), Privileged: t.Privileged.Or(false)})
		}
	}
	return out
}

// independent reports whether a command needs nothing of the program: it is one of the machine, and names none of its files.
func independent(w deploy.Workload, t deploy.Task) bool {
	words, ok := t.Command.Argv.Literals()
	if !ok || len(words) == 0 || t.Command.Shell.IsSet() || t.Command.Entrypoint.IsSet() || interpreter(words[0]) != "" {
		return false
	}
	if _, err := os.Stat(words[0]); err != nil || !path.IsAbs(words[0]) {
		return false
	}
	at := w.Source.Installed.Or("/app")
	return !slices.ContainsFunc(words, func(word string) bool { return strings.Contains(word, at) })
}

// world is what the program finds, but for the mounts.
func (p *plan) world(w deploy.Workload) (world, error) {
	id := p.ids[w.Name]
	d := world{
		Env: []string{"PATH=" + searchPath}, Dir: w.Dir.Or("/"), UID: id.uid, GID: id.gid, Groups: id.groups, Umask: uint32(w.Umask.Or(0o022)),
		NoNew: w.Security.NoNewPrivileges.Or(false), ReadOnly: w.Security.ReadOnlyRoot.Or(false),
	}
	if m := p.program[w.Name]; m != nil && m.venv != "" && venvOf(w.Command) == "" {
		d.Env = []string{"PATH=" + m.venv + "/bin:" + searchPath}
	}
	var missing []string
	for _, e := range w.Env {
		text, ok := e.Value.Reveal()
		if !ok {
			if text, ok = p.sys.Values[e.Value.Param()]; !ok {
				missing = append(missing, e.Value.Param())
				continue
			}
		}
		set(&d.Env, e.Name, text)
	}
	if len(missing) > 0 {
		return d, run.Error{What: "nobody tells " + strings.Join(missing, ", "), Remedy: "supply it with --values, in a line " + missing[0] + "=…"}
	}
	words := []string(w.Security.Capabilities)
	if w.Security.Privileged.Or(false) {
		words, d.NoNew = nil, false
	}
	var err error
	if d.Bounding, err = capabilitySet(words); err != nil {
		return d, err
	}
	if bind, _ := capabilitySet([]string{"NET_BIND_SERVICE"}); id.uid != 0 && slices.Contains(words, "NET_BIND_SERVICE") && lowPort(w) {
		d.Ambient = bind // without it the program could not listen where it does today
	}
	soft, hard := filesOf(w.Resources.Files)
	most := mostFiles()
	d.NoFile = [2]uint64{min(soft, hard, most), min(hard, most)}
	return d, nil
}

// lowPort reports whether the program listens on a port that is root's.
func lowPort(w deploy.Workload) bool {
	return slices.ContainsFunc(w.Ports, func(p deploy.Port) bool {
		n, _, ok := portOf(p)
		return ok && n < 1024
	})
}

// portOf takes the key of a port apart.
func portOf(p deploy.Port) (n int, protocol string, ok bool) {
	number, protocol, _ := strings.Cut(p.Number, "/")
	n, err := strconv.Atoi(number)
	return n, protocol, err == nil
}

// set sets an environment variable.
func set(env *[]string, name, value string) {
	i := slices.IndexFunc(*env, func(e string) bool { return strings.HasPrefix(e, name+"=") })
	if i < 0 {
		*env = append(*env, name+"="+value)
		return
	}
	(*env)[i] = name + "=" + value
}

// systemd's default for programs (systemd.exec(5), LimitNOFILE=), which is the kernel's own soft limit as well.
const softFiles, hardFiles = 1024, 524288

func filesOf(f deploy.Files) (soft, hard uint64) {
	get := func(o deploy.Opt[deploy.Limit[int64]], other uint64) uint64 {
		l, ok := o.Get()
		if n, finite := l.Get(); ok && finite {
			return uint64(n)
		} else if ok {
			return math.MaxUint64
		}
		return other
	}
	return get(f.Soft, softFiles), get(f.Hard, hardFiles)
}

// mostFiles is how many open files this process may allow others.
func mostFiles() uint64 {
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &l); err != nil {
		return softFiles
	}
	if raise, _ := capabilitySet([]string{"SYS_RESOURCE"}); effectiveHere()&raise != 0 {
		text, _ := os.ReadFile("/proc/sys/fs/nr_open")
		if n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64); err == nil {
			return max(n, l.Max)
		}
	}
	return l.Max
}

func spanOf(o deploy.Opt[deploy.Limit[time.Duration]], other time.Duration) span {
	l, ok := o.Get()
	if d, finite := l.Get(); ok && finite {
		return span{For: d}
	}
	if ok || other < 0 {
		return span{Forever: true}
	}
	return span{For: other}
}

func numberOf(o deploy.Opt[deploy.Limit[int64]]) bound {
	l, ok := o.Get()
	if n, finite := l.Get(); ok && finite {
		return bound{N: n}
	}
	return bound{Unlimited: true}
}

func limitsOf(r deploy.Resources) limits {
	return limits{
		Memory: finite(r.Memory.Limit), Swap: finite(r.Memory.Swap), CPU: finite(r.CPU.Limit), Pids: finite(r.Pids), Weight: number(r.CPU.Weight),
	}
}

func finite[T interface {
	int64 | deploy.Bytes | deploy.NanoCPU
}](o interface {
	Get() (deploy.Limit[T], bool)
},
) *int64 {
	l, ok := o.Get()
	if n, bounded := l.Get(); ok && bounded {
		v := int64(n)
		return &v
	}
	return nil
}

func number(o deploy.Opt[int64]) *int64 {
	if n, ok := o.Get(); ok {
		return &n
	}
	return nil
}

// signalOf finds the number of a signal.
func signalOf(name string) (int, error) {
	if n := unix.SignalNum(name); n != 0 {
		return int(n), nil
	}
	if n, err := strconv.Atoi(name); err == nil && n > 0 && n < 65 {
		return n, nil
	}
	for begin, base := range map[string]int{"SIGRTMIN": 34, "SIGRTMAX": 64} { // those that glibc leaves to programs
		if rest, ok := strings.CutPrefix(name, begin); ok {
			n, err := strconv.Atoi(rest)
			if rest == "" || err == nil && base+n >= 34 && base+n <= 64 {
				return base + n, nil
			}
		}
	}
	return 0, run.Error{What: "unknown stop signal " + strconv.Quote(name), Remedy: "use a name of signal(7), such as SIGTERM"}
}
