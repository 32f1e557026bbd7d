package docker

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/verify/run/internal/owners"
	"github.com/deploylift/lift/verify/run/witness"
)

// override is what is changed for a second copy beside the one in use.
type override struct {
	project string            // compose's name of this run
	labels  map[string]string // of everything that is made
	tags    map[string]string // image of the files → image of this run, for those that are built
	builds  map[string]string // service → image of this run
	lowered map[string]map[string]ulimit
	mounts  map[string][]map[string]any // service → all its mounts, where one had to be changed
	volumes map[string]any              // volumes that the run adds
	fronts  map[string]front            // by service: where the witness takes the program's place
}

// front is a service whose program the witness stands in front of.
type front struct {
	image string
	argv  []string
	plan  witness.Plan
}

// newOverride gives the images that are built tags of their own. Services that share an image go on sharing it.
func newOverride(name string, o owners.Owner, p project) override {
	v := override{
		project: name, labels: map[string]string{labelRun: name, labelOwner: o.String()},
		tags: map[string]string{}, builds: map[string]string{}, lowered: map[string]map[string]ulimit{}, mounts: map[string][]map[string]any{}, volumes: map[string]any{}, fronts: map[string]front{},
	}
	used := map[string]bool{}
	for _, s := range slices.Sorted(maps.Keys(p.Services)) {
		svc := p.Services[s]
		if svc.Build == nil {
			continue
		}
		tag, ok := v.tags[svc.Image]
		if !ok || svc.Image == "" {
			tag = imageName(name, s, used)
			if svc.Image != "" {
				v.tags[svc.Image] = tag
			}
		}
		v.builds[s] = tag
	}
	return v
}

// imageName makes a reference of the run's name and a service's, which may have letters that a reference may not.
func imageName(project, service string, used map[string]bool) string {
	base := project + "-" + strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, service), "-")
	for strings.Contains(base[len(project):], "---") {
		base = project + strings.ReplaceAll(base[len(project):], "---", "--")
	}
	name := base
	for i := 2; used[name]; i++ {
		name = base + "-" + strconv.Itoa(i)
	}
	used[name] = true
	return name + ":run"
}

// image is the image that a service runs in this run, before any witness.
func (v override) image(s string, svc service) string {
	if tag, ok := v.builds[s]; ok {
		return tag
	}
	if tag, ok := v.tags[svc.Image]; ok {
		return tag
	}
	return svc.Image
}

// building is the override with which images are built.
func (v override) building(p project) []byte {
	var y printer
	y.open(0, "services")
	for _, s := range slices.Sorted(maps.Keys(p.Services)) {
		if tag, ok := v.builds[s]; ok {
			y.open(1, s)
			y.put(2, "image", "", tag)
			y.put(2, "build", "", map[string]any{"labels": v.labels})
		}
	}
	return y.b.Bytes()
}

// running is the override with which the system runs.
func (v override) running(p project) []byte {
	var y printer
	y.open(0, "services")
	for _, s := range slices.Sorted(maps.Keys(p.Services)) {
		svc := p.Services[s]
		y.open(1, s)
		v.service(&y, s, svc)
	}
	v.resources(&y, "networks", p.Networks, nil)
	v.resources(&y, "volumes", p.Volumes, v.volumes)
	return y.b.Bytes()
}

func (v override) service(y *printer, s string, svc service) {
	y.put(2, "labels", "", v.labels)
	image := v.image(s, svc)
	if svc.ContainerName != "" {
		y.put(2, "container_name", "!reset", nil)
	}
	if len(svc.Ports) > 0 {
		y.put(2, "ports", "!override", loopbackPorts(svc.Ports))
	}
	if l := v.lowered[s]; len(l) > 0 {
		all := map[string]any{}
		for name, u := range svc.Ulimits {
			if low, ok := l[name]; ok {
				u = low
			}
			all[name] = map[string]int64{"soft": u.Soft, "hard": u.Hard}
		}
		y.put(2, "ulimits", "!override", all)
	}
	if m := v.mounts[s]; m != nil {
		y.put(2, "volumes", "!override", m)
	}
	f, ok := v.fronts[s]
	if ok {
		image = f.image
		plan, _ := json.Marshal(f.plan) // plain data
		argv := make([]string, len(f.argv))
		for i, a := range f.argv {
			argv[i] = dollar(a)
		}
		y.put(2, "entrypoint", "!override", argv)
		y.put(2, "command", "!override", []string{})
		y.put(2, "environment", "", map[string]string{witness.Variable: dollar(string(plan))})
	}
	if image != svc.Image {
		y.put(2, "image", "", image)
		if svc.PullPolicy != "" {
			y.put(2, "pull_policy", "", "never") // no registry has it
		}
	}
	if ok && svc.Build != nil {
		y.put(2, "build", "!reset", nil)
	}
}

// loopbackPorts lets the engine choose free ports of the machine, which are offered to the machine alone.
func loopbackPorts(ports []map[string]any) []map[string]any {
	var out []map[string]any
	seen := map[string]bool{}
	for _, p := range ports {
		q := maps.Clone(p)
		delete(q, "published")
		q["host_ip"] = "127.0.0.1"
		key, _ := json.Marshal([]any{q["target"], q["protocol"]})
		if !seen[string(key)] { // one port may be offered under several addresses: one is enough to reach it
			out = append(out, q)
		}
		seen[string(key)] = true
	}
	return out
}

// resources gives networks and volumes names of the run. What comes from outside of the project becomes one of the project's own: the run touches nothing that is in use.
func (v override) resources(y *printer, kind string, have map[string]resource, more map[string]any) {
	if len(have)+len(more) == 0 {
		return
	}
	y.open(0, kind)
	for _, name := range slices.Sorted(maps.Keys(have)) {
		r := have[name]
		labels := map[string]any{"labels": v.labels}
		_, device := r.DriverOpts["device"]
		switch {
		case r.External, kind == "volumes" && device:
			y.put(1, name, "!override", labels)
		case r.Name != "" && r.Name != v.project+"_"+name:
			labels["name"] = v.project + "_" + name
			y.put(1, name, "", labels)
		default:
			y.put(1, name, "", labels)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(more)) {
		y.put(1, name, "", more[name])
	}
}

// outside are the volumes that the run does not share with the machine although the files say so.
func outside(p project) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(p.Volumes)) {
		if _, device := p.Volumes[name].DriverOpts["device"]; p.Volumes[name].External || device {
			out = append(out, name)
		}
	}
	return out
}

// dollar protects a text from compose's interpolation.
func dollar(s string) string { return strings.ReplaceAll(s, "$", "$$") }

// printer prints YAML of which every value is JSON: whatever a text holds, it stays a text.
type printer struct{ b bytes.Buffer }

func (y *printer) name(indent int, name string) {
	y.b.WriteString(strings.Repeat("  ", indent))
	y.json(name)
	y.b.WriteByte(':')
}

func (y *printer) open(indent int, name string) {
	y.name(indent, name)
	y.b.WriteByte('\n')
}

func (y *printer) put(indent int, name, tag string, value any) {
	y.name(indent, name)
	if tag != "" {
		y.b.WriteString(" " + tag)
	}
	y.b.WriteByte(' ')
	y.json(value)
	y.b.WriteByte('\n')
}

func (y *printer) json(v any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // maps, slices and scalars
	y.b.Write(bytes.TrimSpace(b.Bytes()))
}
