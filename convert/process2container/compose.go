package process2container

import (
	"encoding/json"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/deploylift/lift/convert/internal/yamlout"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/fileset"
)

// Write prints the Dockerfiles, what they ignore, and compose.yaml.
func Write(a deploy.App) (fileset.Set, error) {
	var set fileset.Set
	all := images(&a)
	for _, im := range all {
		if err := set.Add(im.file, dockerfile(im)); err != nil {
			return set, err
		}
		if ignore := im.runs[0].Build.Ignore; len(ignore) > 0 {
			if err := set.Add(ignoreFile(im.runs[0]), []byte(strings.Join(ignore, "\n")+"\n")); err != nil {
				return set, err
			}
		}
	}
	top := yamlout.Map{}
	if name, ok := a.Name.Get(); ok {
		top = append(top, yamlout.Item{Key: "name", Value: name})
	}
	awaited := map[string]bool{} // jobs that a service waits for: a profile would keep them from being started
	for _, w := range a.Workloads {
		for _, n := range w.Needs {
			awaited[n.Workload] = awaited[n.Workload] || n.Condition.Is(deploy.Completed)
		}
	}
	services, configs := yamlout.Map{}, yamlout.Map{}
	placed := places(a)
	for i := range a.Workloads {
		w := &a.Workloads[i]
		for _, f := range w.Files {
			content, ok := f.Content.Get()
			if !ok {
				return set, fmt.Errorf("workloads.%s.files.%s.content: there is nothing to put there", w.Name, f.Path)
			}
			at := placed[w.Name][f.Path]
			if err := set.Add(at.file, []byte(content)); err != nil {
				return set, err
			}
			configs = append(configs, yamlout.Item{Key: at.name, Value: yamlout.Map{{Key: "file", Value: "./" + at.file}}})
		}
		s, err := service(w, imageOf(all, w), awaited[w.Name], placed[w.Name])
		if err != nil {
			return set, fmt.Errorf("workloads.%s: %w", w.Name, err)
		}
		services = append(services, yamlout.Item{Key: w.Name, Value: s})
	}
	top = append(top, yamlout.Item{Key: "services", Value: services})
	if len(a.Volumes) > 0 {
		volumes := yamlout.Map{}
		for _, v := range a.Volumes {
			volumes = append(volumes, yamlout.Item{Key: v.Name, Value: yamlout.Map{}})
		}
		top = append(top, yamlout.Item{Key: "volumes", Value: volumes})
	}
	if len(configs) > 0 {
		top = append(top, yamlout.Item{Key: "configs", Value: configs})
	}
	text, err := yamlout.Marshal(top)
	if err != nil {
		return set, err
	}
	return set, set.Add("compose.yaml", text)
}

// fields collects the members of a mapping, leaving out what is not there.
type fields struct{ m yamlout.Map }

func (f *fields) add(key string, value any) {
	f.m = append(f.m, yamlout.Item{Key: key, Value: value})
}

func add[T deploy.Scalar](f *fields, key string, o deploy.Opt[T], text func(T) any) {
	if v, ok := o.Get(); ok {
		f.add(key, text(v))
	}
}

func asIs[T any](v T) any          { return v }
func duration(d time.Duration) any { return shortDuration(d) }

// service prints one service in the order in which a person reads it: what runs, what it needs, what it sees, what it may, how it is kept alive.
func service(w *deploy.Workload, im image, awaited bool, files map[string]place) (yamlout.Map, error) {
	var f fields
	add(&f, "image", w.Image, asIs)
	if file, ok := w.Build.File.Get(); ok {
		build := yamlout.Map{{Key: "context", Value: w.Build.Context.Or(".")}}
		rel, err := relative(w.Build, file)
		if err != nil {
			return nil, err
		}
		if rel != "Dockerfile" {
			build = append(build, yamlout.Item{Key: "dockerfile", Value: rel})
		}
		f.add("build", build)
	}
	add(&f, "platform", w.Placement.Arch, func(a string) any { return "linux/" + a })
	if p := profile(w); p != "" && !awaited {
		f.add("profiles", yamlout.Flow{p})
	}
	if len(w.Needs) > 0 {
		f.add("depends_on", dependsOn(w.Needs))
	}
	if e := entrypointOf(w); !im.saysEntrypoint() && len(e) > 0 {
		f.add("entrypoint", yamlout.Flow(dollars(e)))
	}
	if c := commandOf(w.Command); !im.saysCommand() && len(c) > 0 {
		f.add("command", yamlout.Flow(dollars(c)))
	}
	if d := dirOf(w); !im.saysDir() && d != "" {
		f.add("working_dir", dollar(d))
	}
	if u := userOf(w); !im.saysUser() && u != "" {
		f.add("user", u)
	}
	if len(w.User.Groups) > 0 {
		f.add("group_add", yamlout.Flow(w.User.Groups))
	}
	if len(w.Env) > 0 {
		env, err := environment(w.Env)
		if err != nil {
			return nil, err
		}
		f.add("environment", env)
	}
	ports(&f, w, im)
	mounts(&f, w)
	if len(w.Files) > 0 {
		var list yamlout.Seq
		for _, file := range w.Files {
			list = append(list, yamlout.Map{{Key: "source", Value: files[file.Path].name}, {Key: "target", Value: dollar(file.Path)}})
		}
		f.add("configs", list)
	}
	security(&f, w.Security)
	resources(&f, w)
	restart(&f, w)
	if s := signalOf(w); !im.saysSignal() && s != "" {
		f.add("stop_signal", s)
	}
	add(&f, "stop_grace_period", w.Stop.Grace, func(l deploy.Limit[time.Duration]) any {
		d, _ := l.Get()
		return shortDuration(d)
	})
	hooks(&f, "post_start", w.Started)
	hooks(&f, "pre_stop", w.Stopping)
	if h := healthcheck(w.Probes.Readiness); h != nil {
		f.add("healthcheck", h)
	}
	add(&f, "logging", w.Logging.Tag, func(t string) any {
		return yamlout.Map{{Key: "options", Value: yamlout.Map{{Key: "tag", Value: dollar(t)}}}}
	})
	return f.m, nil
}

// relative leads from the build context to the Dockerfile.
func relative(b deploy.Build, file string) (string, error) {
	context := path.Clean(b.Context.Or("."))
	if outside := context == ".." || strings.HasPrefix(context, "../"); outside {
		back, ok := b.Back.Get()
		if !ok {
			return "", fmt.Errorf("build.back: nothing leads from the context %s to the output; please report", context)
		}
		return path.Join(back, file), nil
	}
	if b.Back.IsSet() {
		return "", fmt.Errorf("build.back: the context %s lies in the output; please report", context)
	}
	a, c := strings.Split(context, "/"), strings.Split(path.Clean(file), "/")
	if context == "." {
		a = nil
	}
	for len(a) > 0 && len(c) > 1 && a[0] == c[0] {
		a, c = a[1:], c[1:]
	}
	return strings.Repeat("../", len(a)) + strings.Join(c, "/"), nil
}

func profile(w *deploy.Workload) string {
	switch {
	case w.Kind.Is(deploy.Job):
		return "job"
	case w.Kind.Is(deploy.Cron):
		return "cron"
	case w.Autostart.Is(false):
		return "manual"
	}
	return ""
}

func dependsOn(needs []deploy.Need) yamlout.Map {
	condition := map[deploy.Condition]string{deploy.Started: "service_started", deploy.Ready: "service_healthy", deploy.Completed: "service_completed_successfully"}
	var out yamlout.Map
	for _, n := range needs {
		var f fields
		add(&f, "condition", n.Condition, func(c deploy.Condition) any { return condition[c] })
		add(&f, "required", n.Required, asIs)
		add(&f, "restart", n.Follow, asIs)
		out = append(out, yamlout.Item{Key: n.Workload, Value: f.m})
	}
	return out
}

// dollar protects a text from compose's interpolation.
func dollar(s string) string { return strings.ReplaceAll(s, "$", "$$") }

func dollars(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = dollar(w)
	}
	return out
}

func environment(env []deploy.Env) (yamlout.Map, error) {
	var out yamlout.Map
	for _, e := range env {
		text, known := e.Value.Reveal()
		switch {
		case known && e.Value.IsSecret():
			return nil, fmt.Errorf("env.%s: a secret text reached the writer; please report", e.Name)
		case known:
			text = dollar(text)
		case e.Value.IsSecret():
			text = "${" + e.Value.Param() + ":?secret; set it in .env}"
		default:
			text = "${" + e.Value.Param() + ":?unknown; set it in .env}"
		}
		out = append(out, yamlout.Item{Key: e.Name, Value: text})
	}
	return out, nil
}

func ports(f *fields, w *deploy.Workload, im image) {
	var expose []string
	var published yamlout.Seq
	for _, p := range w.Ports {
		if !im.saysPorts() {
			expose = append(expose, strings.TrimSuffix(p.Number, "/tcp"))
		}
		at, ok := p.Published.Get()
		if !ok {
			continue
		}
		number, proto, _ := strings.Cut(p.Number, "/")
		if !p.Name.IsSet() && !p.Protocol.IsSet() {
			short := at + ":" + number
			if proto != "tcp" {
				short += "/" + proto
			}
			published = append(published, short)
			continue
		}
		var l fields
		add(&l, "name", p.Name, asIs)
		target, _ := strconv.Atoi(number)
		l.add("target", target)
		if i := strings.LastIndexByte(at, ':'); i >= 0 {
			l.add("host_ip", at[:i])
			at = at[i+1:]
		}
		l.add("published", at)
		l.add("protocol", proto)
		add(&l, "app_protocol", p.Protocol, asIs)
		published = append(published, l.m)
	}
	if len(expose) > 0 {
		f.add("expose", yamlout.Flow(expose))
	}
	if len(published) > 0 {
		f.add("ports", published)
	}
}

func mounts(f *fields, w *deploy.Workload) {
	var volumes yamlout.Seq
	var tmpfs yamlout.Seq
	for _, m := range w.Mounts {
		switch m.Kind.Or("") {
		case deploy.MountTmpfs:
			if !m.Size.IsSet() && !m.Mode.IsSet() && !m.ReadOnly.Is(true) {
				tmpfs = append(tmpfs, m.Path)
				continue
			}
			var opts fields
			add(&opts, "size", m.Size, func(b deploy.Bytes) any { return int64(b) })
			add(&opts, "mode", m.Mode, func(x deploy.Mode) any { return uint32(x) })
			var l fields
			l.add("type", "tmpfs")
			l.add("target", m.Path)
			if m.ReadOnly.Is(true) {
				l.add("read_only", true)
			}
			if len(opts.m) > 0 {
				l.add("tmpfs", opts.m)
			}
			volumes = append(volumes, l.m)
		case deploy.MountVolume:
			short := dollar(m.Volume.Or("").Name() + ":" + m.Path)
			if m.ReadOnly.Is(true) {
				short += ":ro"
			}
			volumes = append(volumes, short)
		case deploy.MountHost:
			var l fields
			l.add("type", "bind")
			l.add("source", dollar(m.Host.Or("")))
			l.add("target", dollar(m.Path))
			if m.ReadOnly.Is(true) {
				l.add("read_only", true)
			}
			// the short form lets the engine make what is missing, as a directory of root's: a certificate would be one
			l.add("bind", yamlout.Map{{Key: "create_host_path", Value: false}})
			volumes = append(volumes, l.m)
		}
	}
	if len(volumes) > 0 {
		f.add("volumes", volumes)
	}
	if len(tmpfs) > 0 {
		f.add("tmpfs", tmpfs)
	}
}

func security(f *fields, s deploy.Security) {
	if s.ReadOnlyRoot.Is(true) {
		f.add("read_only", true)
	}
	if s.Privileged.Is(true) {
		f.add("privileged", true)
	}
	switch caps := s.Capabilities; {
	case len(caps) == 0, caps[0] == "default":
	case caps[0] == "none":
		f.add("cap_drop", yamlout.Flow{"ALL"})
	case caps[0] == "all":
		f.add("cap_add", yamlout.Flow{"ALL"})
	default:
		f.add("cap_drop", yamlout.Flow{"ALL"})
		f.add("cap_add", yamlout.Flow(caps))
	}
	if s.NoNewPrivileges.Is(true) {
		f.add("security_opt", yamlout.Flow{"no-new-privileges:true"})
	}
}

func resources(f *fields, w *deploy.Workload) {
	r := w.Resources
	add(f, "cpus", r.CPU.Limit, func(l deploy.Limit[deploy.NanoCPU]) any {
		n, _ := l.Get()
		return cpus(n)
	})
	add(f, "cpu_shares", r.CPU.Weight, func(weight int64) any { return weight * 1024 / 100 })
	limit, _ := r.Memory.Limit.Get()
	memory, bounded := limit.Get()
	if r.Memory.Limit.IsSet() {
		f.add("mem_limit", bytesText(memory))
	}
	if !r.CPU.Request.IsSet() { // else it stands beside that: compose takes the two apart for a contradiction
		add(f, "mem_reservation", r.Memory.Request, func(b deploy.Bytes) any { return bytesText(b) })
	}
	add(f, "memswap_limit", r.Memory.Swap, func(l deploy.Limit[deploy.Bytes]) any {
		if n, ok := l.Get(); ok && bounded {
			return bytesText(memory + n)
		}
		return -1
	})
	add(f, "pids_limit", r.Pids, number)
	if r.Files.Soft.IsSet() || r.Files.Hard.IsSet() {
		var l fields
		add(&l, "soft", r.Files.Soft, number)
		add(&l, "hard", r.Files.Hard, number)
		f.add("ulimits", yamlout.Map{{Key: "nofile", Value: l.m}})
	}
	var d fields
	if n, ok := w.Scale.Replicas.Get(); ok && n != 1 {
		d.add("replicas", n)
	}
	add(&d, "resources", r.CPU.Request, func(n deploy.NanoCPU) any {
		var reserved fields
		reserved.add("cpus", fmt.Sprint(cpus(n)))
		add(&reserved, "memory", r.Memory.Request, func(b deploy.Bytes) any { return bytesText(b) })
		return yamlout.Map{{Key: "reservations", Value: reserved.m}}
	})
	if len(d.m) > 0 {
		f.add("deploy", d.m)
	}
}

// number prints a bound; compose writes the absence of one as -1.
func number(l deploy.Limit[int64]) any {
	if n, ok := l.Get(); ok {
		return n
	}
	return -1
}

// cpus prints a number of CPUs exactly: 1.5 for 1_500_000_000.
func cpus(n deploy.NanoCPU) json.Number {
	s := fmt.Sprintf("%d.%09d", int64(n)/1e9, int64(n)%1e9)
	return json.Number(strings.TrimRight(strings.TrimRight(s, "0"), "."))
}

// bytesText prints an amount in the largest unit that fits exactly; compose counts in powers of 1024.
func bytesText(b deploy.Bytes) string {
	for _, u := range []struct {
		size deploy.Bytes
		name string
	}{{1 << 30, "g"}, {1 << 20, "m"}, {1 << 10, "k"}} {
		if b >= u.size && b%u.size == 0 {
			return strconv.FormatInt(int64(b/u.size), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(b), 10) + "b"
}

func restart(f *fields, w *deploy.Workload) {
	policy, ok := w.Restart.Policy.Get()
	if !ok {
		return
	}
	text := string(policy)
	if n, ok := w.Restart.Attempts.Get(); ok && policy == deploy.RestartOnFailure {
		if max, bounded := n.Get(); bounded {
			text += ":" + strconv.FormatInt(max, 10)
		}
	}
	f.add("restart", text)
}

func hooks(f *fields, key string, tasks []deploy.Task) {
	var out yamlout.Seq
	for _, t := range tasks {
		var h fields
		h.add("command", yamlout.Flow(dollars(commandOf(t.Command))))
		if t.Privileged.Is(true) {
			h.add("user", "root")
		}
		out = append(out, h.m)
	}
	if len(out) > 0 {
		f.add(key, out)
	}
}

// healthcheck prints the readiness probe; an HTTP request is made by a program of the image.
func healthcheck(p deploy.Probe) yamlout.Map {
	var test []string
	switch {
	case p.Path.IsSet():
		url := fmt.Sprintf("http://127.0.0.1:%d%s", p.Port.Or(0), p.Path.Or("/"))
		switch p.Client.Or("") {
		case "node":
			test = []string{"CMD", "node", "-e", "fetch('" + url + "').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"}
		case "python3":
			test = []string{"CMD", "python3", "-c", fmt.Sprintf("import urllib.request as u; u.urlopen('%s', timeout=%d)", url, int(p.Timeout.Or(3*time.Second)/time.Second))}
		case "curl":
			test = []string{"CMD", "curl", "-fsS", url}
		default:
			test = []string{"CMD", "wget", "-qO/dev/null", url}
		}
	case len(p.Command.Argv) > 0:
		test = append([]string{"CMD"}, commandOf(p.Command)...)
	default:
		return nil
	}
	var f fields
	f.add("test", yamlout.Flow(dollars(test)))
	add(&f, "interval", p.Interval, duration)
	add(&f, "timeout", p.Timeout, duration)
	add(&f, "retries", p.Failures, asIs)
	add(&f, "start_period", p.Delay, duration)
	return f.m
}

// shortDuration prints a duration as people write it: 90s, 5m, 1m30s.
func shortDuration(d time.Duration) string {
	if d < 2*time.Minute && d%time.Second == 0 {
		return strconv.FormatInt(int64(d/time.Second), 10) + "s"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}
