package lambda

import (
	"cmp"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deploylift/lift/convert"
	"github.com/deploylift/lift/convert/internal/names"
	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/convert/internal/stay"
	"github.com/deploylift/lift/convert/internal/yamlout"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/fileset"
	"github.com/deploylift/lift/ledger"
)

const (
	dir      = "lambda/"
	template = dir + "template.yaml"
	// kept lists what stays on Kubernetes.
	kept = dir + "kubernetes/kustomization.yaml"
)

// program is the runtime of functions that run by a schedule: it takes an event from Lambda, runs the program, and says how it ended.
//
//go:embed run.go.txt
var program []byte

// Write prints a lowered model: a SAM template, a folder for each function with what its image is built of, and a list of what stays on Kubernetes.
func Write(a deploy.App) (fileset.Set, error) {
	var out fileset.Set
	a = deploy.Clone(a)
	deploy.Sort(&a)
	if err := check(a); err != nil {
		return out, err
	}
	var functions []deploy.Workload
	var staying, volumes []string
	mounted := map[string]bool{}
	for _, w := range a.Workloads {
		if !w.Image.IsSet() {
			staying = append(staying, w.Name)
			continue
		}
		functions = append(functions, w)
		for _, v := range pod.Volumes(w) {
			mounted[v] = true
		}
	}
	for _, v := range a.Volumes {
		if !mounted[v.Name] {
			volumes = append(volumes, v.Name)
		}
	}
	if len(staying)+len(volumes) > 0 {
		data, err := stay.Kustomization("../../", nil, staying, volumes)
		if err != nil {
			return fileset.Set{}, err
		}
		if err := out.Add(kept, data); err != nil {
			return fileset.Set{}, err
		}
	}
	if len(functions) == 0 {
		return out, nil
	}
	for _, w := range functions {
		if err := addImage(&out, w); err != nil {
			return fileset.Set{}, err
		}
	}
	data, err := templateOf(a, functions)
	if err != nil {
		return fileset.Set{}, err
	}
	return out, out.Add(template, data)
}

// addImage adds what the image of a function is built of: the workload's image, and what speaks to Lambda for it.
func addImage(out *fileset.Set, w deploy.Workload) error {
	image := w.Image.Or("")
	if strings.ContainsAny(image, " \n\t$") {
		return fmt.Errorf("%s.image: %q is no reference of an image", deploy.At("workloads", w.Name), image)
	}
	lines := []string{"FROM " + image, "COPY --from=" + adapter + " /lambda-adapter /opt/extensions/lambda-adapter"}
	if w.Kind.Is(deploy.Cron) {
		lines = []string{
			"FROM golang:1.26-bookworm AS run", "WORKDIR /src", "COPY run.go .", "RUN CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /run run.go", "",
			"FROM " + image, "COPY --from=run /run /opt/lift/run", `ENTRYPOINT ["/opt/lift/run"]`,
		}
		if err := out.Add(dir+w.Name+"/run.go", program); err != nil {
			return err
		}
	}
	return out.Add(dir+w.Name+"/Dockerfile", []byte(strings.Join(lines, "\n")+"\n"))
}

type (
	m = yamlout.Map
	i = yamlout.Item
)

func ref(id string) m { return m{i{Key: "Ref", Value: id}} }

// ids are the logical names of the template.
type ids struct {
	functions map[string]string // workload → function
	volumes   map[string]string // volume → parameter with its access point
	params    []string
}

func newIDs(a deploy.App, functions []deploy.Workload) ids {
	out := ids{}
	reserved := []string{"HttpApi", "HttpApiUrl", "SubnetIds", "SecurityGroupIds"}
	var workloads, volumes []string
	for _, w := range functions {
		workloads = append(workloads, w.Name+"-function")
		for _, e := range w.Env {
			if p := e.Value.Param(); p != "" && !e.Value.IsSecret() && !slices.Contains(out.params, p) {
				out.params = append(out.params, p)
			}
		}
		for _, v := range pod.Volumes(w) {
			volumes = append(volumes, v+"-access-point")
		}
	}
	slices.Sort(out.params)
	reserved = append(reserved, out.params...)
	out.volumes, out.functions = map[string]string{}, map[string]string{}
	for name, id := range names.Identifiers(volumes, reserved...) {
		out.volumes[strings.TrimSuffix(name, "-access-point")] = id
		reserved = append(reserved, id)
	}
	slices.Sort(reserved)
	for name, id := range names.Identifiers(workloads, reserved...) {
		out.functions[strings.TrimSuffix(name, "-function")] = id
	}
	return out
}

// templateOf prints the template: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy.html
func templateOf(a deploy.App, functions []deploy.Workload) ([]byte, error) {
	ids := newIDs(a, functions)
	var params m
	for _, p := range ids.params {
		var users []string
		for _, w := range functions {
			for _, e := range w.Env {
				if e.Value.Param() == p && !e.Value.IsSecret() {
					users = append(users, e.Name+" of "+w.Name)
				}
			}
		}
		params = append(params, i{Key: p, Value: m{{Key: "Type", Value: "String"}, {Key: "Description", Value: strings.Join(users, ", ")}}})
	}
	volumes := slices.Sorted(maps.Keys(ids.volumes))
	for _, v := range volumes {
		params = append(params, i{Key: ids.volumes[v], Value: m{{Key: "Type", Value: "String"}, {Key: "Description", Value: "ARN of the EFS access point of the volume " + v}}})
	}
	if len(volumes) > 0 {
		params = append(params,
			i{Key: "SubnetIds", Value: m{{Key: "Type", Value: "List<AWS::EC2::Subnet::Id>"}, {Key: "Description", Value: "subnets with mount targets of the file system"}}},
			i{Key: "SecurityGroupIds", Value: m{{Key: "Type", Value: "List<AWS::EC2::SecurityGroup::Id>"}, {Key: "Description", Value: "groups that reach the mount targets on port 2049"}}})
	}
	var resources m
	if len(a.Routes) > 0 {
		resources = append(resources, i{Key: "HttpApi", Value: m{{Key: "Type", Value: "AWS::Serverless::HttpApi"}, {Key: "Properties", Value: m{{Key: "FailOnWarnings", Value: true}}}}})
	}
	for _, w := range functions {
		f, err := functionOf(a, w, ids)
		if err != nil {
			return nil, fmt.Errorf("%s.%w", deploy.At("workloads", w.Name), err)
		}
		resources = append(resources, i{Key: ids.functions[w.Name], Value: f})
	}
	out := m{{Key: "AWSTemplateFormatVersion", Value: "2010-09-09"}, {Key: "Transform", Value: "AWS::Serverless-2016-10-31"}}
	if len(volumes) > 0 {
		var meta m
		for _, v := range volumes {
			meta = append(meta, i{Key: ids.volumes[v], Value: v})
		}
		out = append(out, i{Key: "Metadata", Value: m{{Key: "LiftVolumes", Value: meta}}})
	}
	if len(params) > 0 {
		out = append(out, i{Key: "Parameters", Value: params})
	}
	out = append(out, i{Key: "Resources", Value: resources})
	if len(a.Routes) > 0 {
		out = append(out, i{Key: "Outputs", Value: m{{Key: "HttpApiUrl", Value: m{{Key: "Value", Value: m{{Key: "Fn::Sub", Value: "https://${HttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}"}}}}}}})
	}
	return yamlout.Marshal(out)
}

// functionOf prints one function: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
func functionOf(a deploy.App, w deploy.Workload, ids ids) (m, error) {
	_, tag, _ := names.Image(w.Image.Or(""))
	meta := m{{Key: "Dockerfile", Value: "Dockerfile"}, {Key: "DockerContext", Value: "./" + w.Name}, {Key: "DockerTag", Value: cmp.Or(tag, "latest")}}
	memory, _ := w.Resources.Memory.Limit.Or(deploy.Bound(deploy.Bytes(0))).Get()
	run := request
	if w.Kind.Is(deploy.Cron) {
		n, _ := w.Start.Run.Or(deploy.Bound(time.Duration(0))).Get()
		run = int(n / time.Second)
	}
	arch := map[string]string{"amd64": "x86_64", "arm64": "arm64"}[w.Placement.Arch.Or("")]
	p := m{{Key: "PackageType", Value: "Image"}, {Key: "Architectures", Value: yamlout.Flow{arch}}, {Key: "MemorySize", Value: int64(memory >> 20)}, {Key: "Timeout", Value: run}}
	var config m
	words, err := pod.TaskWords(w.Command)
	if err != nil {
		return nil, fmt.Errorf("command: %w", err)
	}
	if len(words) > 0 {
		key := "EntryPoint"
		if w.Kind.Is(deploy.Cron) {
			key = "Command" // behind the runtime, which is the image's entry point
		}
		config = append(config, i{Key: key, Value: yamlout.Flow(words)})
	}
	if d, ok := w.Dir.Get(); ok {
		config = append(config, i{Key: "WorkingDirectory", Value: d})
	}
	if len(config) > 0 {
		p = append(p, i{Key: "ImageConfig", Value: config})
	}
	var env m
	for _, e := range w.Env {
		v, err := variable(e)
		if err != nil {
			return nil, err
		}
		env = append(env, i{Key: e.Name, Value: v})
	}
	routes := routesTo(a, w.Name)
	if w.Kind.Is(deploy.Service) {
		env = append(env, speak(w, routes)...)
	}
	if len(env) > 0 {
		slices.SortFunc(env, func(x, y i) int { return strings.Compare(x.Key, y.Key) })
		p = append(p, i{Key: "Environment", Value: m{{Key: "Variables", Value: env}}})
	}
	for _, mount := range w.Mounts {
		if mount.Kind.Is(deploy.MountTmpfs) {
			p = append(p, i{Key: "EphemeralStorage", Value: m{{Key: "Size", Value: int64(mount.Size.Or(0) >> 20)}}})
			continue
		}
		point := ref(ids.volumes[mount.Volume.Or("").Name()])
		p = append(p,
			i{Key: "FileSystemConfigs", Value: yamlout.Seq{m{{Key: "Arn", Value: point}, {Key: "LocalMountPath", Value: mount.Path}}}},
			i{Key: "VpcConfig", Value: m{{Key: "SubnetIds", Value: ref("SubnetIds")}, {Key: "SecurityGroupIds", Value: ref("SecurityGroupIds")}}},
			i{Key: "Policies", Value: yamlout.Seq{m{{Key: "Statement", Value: yamlout.Seq{m{
				{Key: "Effect", Value: "Allow"},
				{Key: "Action", Value: yamlout.Flow{"elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"}},
				{Key: "Resource", Value: "*"},
				{Key: "Condition", Value: m{{Key: "StringEquals", Value: m{{Key: "elasticfilesystem:AccessPointArn", Value: point}}}}},
			}}}}}})
	}
	var events m
	if w.Kind.Is(deploy.Cron) {
		if w.Schedule.Overlap.Is(false) {
			p = append(p, i{Key: "ReservedConcurrentExecutions", Value: 1})
		}
		retries := int64(0)
		if w.Restart.Policy.Is(deploy.RestartOnFailure) {
			retries, _ = w.Restart.Attempts.Or(deploy.Bound(int64(0))).Get()
		}
		p = append(p, i{Key: "EventInvokeConfig", Value: m{{Key: "MaximumRetryAttempts", Value: retries}}})
		events = m{{Key: "Schedule", Value: schedule(w)}}
	} else {
		events = eventsOf(routes)
	}
	p = append(p, i{Key: "Events", Value: events}, i{Key: "Tags", Value: m{{Key: "system", Value: a.Name.Or("")}, {Key: "workload", Value: w.Name}}})
	return m{{Key: "Type", Value: "AWS::Serverless::Function"}, {Key: "Metadata", Value: meta}, {Key: "Properties", Value: p}}, nil
}

// variable prints the value of a variable. A secret is resolved when the stack is deployed, and stands in no file.
func variable(e deploy.Env) (any, error) {
	if text, known := e.Value.Reveal(); known {
		if e.Value.IsSecret() {
			return nil, fmt.Errorf("env.%s: a secret must not be written; make it a parameter", e.Name)
		}
		return text, nil
	}
	if !e.Value.IsSecret() {
		if !identifier.MatchString(e.Value.Param()) {
			return nil, fmt.Errorf("env.%s: %q is no name of a parameter", e.Name, e.Value.Param())
		}
		return ref(e.Value.Param()), nil
	}
	object, key, ok := strings.Cut(e.Value.Param(), "/")
	if !ok || object == "" || key == "" || strings.ContainsAny(e.Value.Param(), ":{}") {
		return nil, fmt.Errorf("env.%s: the parameter names no secret and key", e.Name)
	}
	return "{{resolve:secretsmanager:" + object + ":SecretString:" + key + "}}", nil
}

// speak says to the Lambda Web Adapter how it speaks to the program.
func speak(w deploy.Workload, routes []deploy.Route) m {
	number, _, _ := strings.Cut(w.Ports[0].Number, "/")
	out := m{{Key: "AWS_LWA_PORT", Value: number}}
	ready := w.Probes.Readiness
	if port := strconv.FormatInt(ready.Port.Or(0), 10); port != number {
		out = append(out, i{Key: "AWS_LWA_READINESS_CHECK_PORT", Value: port})
	}
	if p, ok := ready.Path.Get(); ok {
		out = append(out, i{Key: "AWS_LWA_READINESS_CHECK_PATH", Value: p}, i{Key: "AWS_LWA_READINESS_CHECK_MIN_UNHEALTHY_STATUS", Value: "400"})
	} else {
		out = append(out, i{Key: "AWS_LWA_READINESS_CHECK_PROTOCOL", Value: "tcp"})
	}
	if base := basePath(routes); base != "" {
		out = append(out, i{Key: "AWS_LWA_REMOVE_BASE_PATH", Value: base})
	}
	return out
}

func routesTo(a deploy.App, workload string) []deploy.Route {
	var out []deploy.Route
	for _, r := range a.Routes {
		if r.Workload.Is(deploy.Ref(deploy.At("workloads", workload))) {
			out = append(out, r)
		}
	}
	return out
}

// eventsOf prints the routes of the HTTP API that lead to a function. One without a path is the API's $default route.
func eventsOf(routes []deploy.Route) m {
	var paths []string
	for _, r := range routes {
		t, _ := deploy.ParseTarget(r.Match)
		switch {
		case t.Path == "":
			paths = append(paths, "")
		case t.Exact:
			paths = append(paths, t.Path)
		default:
			paths = append(paths, t.Path, strings.TrimSuffix(t.Path, "/")+"/{proxy+}")
		}
	}
	var out m
	for n, p := range paths {
		props := m{{Key: "ApiId", Value: ref("HttpApi")}}
		if p != "" {
			props = append(props, i{Key: "Method", Value: "ANY"}, i{Key: "Path", Value: p})
		}
		out = append(out, i{Key: fmt.Sprintf("Route%d", n+1), Value: m{{Key: "Type", Value: "HttpApi"}, {Key: "Properties", Value: props}}})
	}
	return out
}

// schedule prints when a function runs: six fields, of which one of the two days is a question mark.
func schedule(w deploy.Workload) m {
	f := strings.Fields(w.Schedule.Cron.Or(""))
	if f[4] == "*" {
		f[4] = "?"
	} else {
		f[2] = "?"
	}
	state := "ENABLED"
	if w.Autostart.Is(false) {
		state = "DISABLED"
	}
	props := m{{Key: "ScheduleExpression", Value: "cron(" + strings.Join(f, " ") + " *)"}, {Key: "ScheduleExpressionTimezone", Value: w.Schedule.Zone.Or("")}, {Key: "State", Value: state}}
	if jitter, ok := w.Schedule.Jitter.Get(); ok {
		props = append(props, i{Key: "FlexibleTimeWindow", Value: m{{Key: "Mode", Value: "FLEXIBLE"}, {Key: "MaximumWindowInMinutes", Value: int64(jitter / time.Minute)}}})
	}
	return m{{Key: "Type", Value: "ScheduleV2"}, {Key: "Properties", Value: props}}
}

// check refuses a model that Lower would not leave behind: Write has no ledger, so it may not lose anything.
func check(a deploy.App) error {
	rest := deploy.Clone(a)
	var lost ledger.Lowering
	convert.Apply(drops, &rest, &lost, func(p deploy.Path) deploy.Path { return p })
	if len(lost.Turns) > 0 {
		return fmt.Errorf("internal: deploy field %s unaccounted by lambda; please report", lost.Turns[0].From)
	}
	functions := map[string]bool{}
	err := stay.Check(a, func(w deploy.Workload) error {
		functions[w.Name] = true
		for _, v := range pod.Volumes(w) {
			if !slices.ContainsFunc(a.Volumes, func(x deploy.Volume) bool { return x.Name == v }) {
				return fmt.Errorf("mounts: there is no %s", deploy.At("volumes", v))
			}
		}
		return checkFunction(w)
	})
	if err != nil {
		return err
	}
	for _, r := range a.Routes {
		at := deploy.At("routes", r.Match)
		t, ok := deploy.ParseTarget(r.Match)
		to := r.Workload.Or("").Name()
		k := slices.IndexFunc(a.Workloads, func(w deploy.Workload) bool { return w.Name == to })
		number := strconv.FormatInt(r.Port.Or(0), 10) + "/tcp"
		switch {
		case r.Via.IsSet() || r.Upgrade.IsSet():
			return fmt.Errorf("%s.via, upgrade: have no form", at)
		case !ok || t.Scheme != "https" || t.Host != "*" || t.Pattern || t.Path != "" && !plainPath.MatchString(t.Path) || t.Path == "/" && !t.Exact:
			return fmt.Errorf("%s: has no form in an HTTP API", at)
		case !functions[to] || !a.Workloads[k].Kind.Is(deploy.Service):
			return fmt.Errorf("%s.workload: leads to %s, which is no function that answers requests", at, r.Workload)
		case a.Workloads[k].Ports[0].Number != number:
			return fmt.Errorf("%s.port: a function has one port, which the adapter knows", at)
		case r.Prefix.IsSet() && (!r.Prefix.Is("/") || strings.TrimSuffix(t.Path, "/") != basePath(routesTo(a, to))):
			return fmt.Errorf("%s.prefix: the adapter takes one path away", at)
		case !r.Prefix.IsSet() && basePath(routesTo(a, to)) != "" && strings.HasPrefix(t.Path+"/", basePath(routesTo(a, to))+"/"):
			return fmt.Errorf("%s.prefix: the adapter takes the path away", at)
		}
	}
	if a.Name.IsSet() != (len(functions) > 0) {
		return fmt.Errorf("name: functions have the tag system, and nothing else does")
	}
	return nil
}

// checkFunction finds what a function has no field for.
func checkFunction(w deploy.Workload) error {
	limit, bounded := w.Resources.Memory.Limit.Or(deploy.Unlimited[deploy.Bytes]()).Get()
	service := w.Kind.Is(deploy.Service)
	switch {
	case !service && !w.Kind.Is(deploy.Cron):
		return fmt.Errorf("kind: a function answers requests or runs by a schedule")
	case w.Command.Entrypoint.IsSet():
		return fmt.Errorf("command.entrypoint: a function has one command line")
	case !bounded || limit%(1<<20) != 0 || limit < minMemory || limit > maxMemory:
		return fmt.Errorf("resources.memory.limit: a function has 128 to 10240 MiB")
	case !w.Placement.Arch.Is("amd64") && !w.Placement.Arch.Is("arm64"):
		return fmt.Errorf("placement.arch: a function has amd64 or arm64")
	case len(w.Before)+len(w.Started)+len(w.Stopping)+len(w.Files) > 0:
		return fmt.Errorf("before: has no form")
	}
	for _, p := range []struct {
		name  string
		probe deploy.Probe
	}{{"startup", w.Probes.Startup}, {"liveness", w.Probes.Liveness}} {
		if p.probe.Path.IsSet() || p.probe.Port.IsSet() || p.probe.Command.Argv.IsSet() {
			return fmt.Errorf("probes.%s: has no form", p.name)
		}
	}
	for _, mount := range w.Mounts {
		at := "mounts." + mount.Path
		switch {
		case mount.Kind.Is(deploy.MountTmpfs) && mount.Path == "/tmp":
			if n := mount.Size.Or(0); n%(1<<20) != 0 || n < minScratch || n > maxScratch || mount.Volume.IsSet() || mount.Host.IsSet() || mount.ReadOnly.IsSet() {
				return fmt.Errorf("%s: /tmp has 512 to 10240 MiB and nothing else", at)
			}
		case mount.Kind.Is(deploy.MountVolume) && !service:
			if mount.Path != efs(mount.Volume.Or("").Name()) || mount.Size.IsSet() || mount.Host.IsSet() || mount.ReadOnly.IsSet() {
				return fmt.Errorf("%s: a volume is at /mnt/NAME", at)
			}
		default:
			return fmt.Errorf("%s: has no form", at)
		}
	}
	if service {
		switch {
		case len(w.Ports) != 1:
			return fmt.Errorf("ports: the adapter knows one")
		case !strings.HasSuffix(w.Ports[0].Number, "/tcp") || !w.Ports[0].Protocol.Is("http"):
			return fmt.Errorf("ports.%s: the adapter speaks HTTP", w.Ports[0].Number)
		case !w.Probes.Readiness.Port.IsSet():
			return fmt.Errorf("probes.readiness.port: the adapter asks one")
		case !w.Autostart.Is(true):
			return fmt.Errorf("autostart: a function is there as soon as it is deployed")
		case !w.Restart.Policy.Is(deploy.RestartAlways) || w.Restart.Attempts.IsSet():
			return fmt.Errorf("restart: Lambda starts the program anew after every end")
		case w.Start.Run.IsSet():
			return fmt.Errorf("start.run: has no form")
		case w.Schedule != (deploy.Schedule{}):
			return fmt.Errorf("schedule: what answers requests has none")
		}
		return nil
	}
	run, bounded := w.Start.Run.Or(deploy.Unlimited[time.Duration]()).Get()
	attempts, some := w.Restart.Attempts.Or(deploy.Unlimited[int64]()).Get()
	form, reason := scheduler(w.Schedule.Cron.Or(""))
	window := w.Schedule.Jitter.Or(time.Minute)
	switch {
	case len(w.Ports) > 0 || w.Probes.Readiness.Path.IsSet() || w.Probes.Readiness.Port.IsSet():
		return fmt.Errorf("ports: nobody calls what runs by a schedule")
	case !w.Command.Argv.IsSet():
		return fmt.Errorf("command: the runtime must know what to run")
	case !bounded || run%time.Second != 0 || run < time.Second || run > maxRun:
		return fmt.Errorf("start.run: a run has 1 to 900 s")
	case !w.Autostart.IsSet():
		return fmt.Errorf("autostart: the schedule is on or off")
	case w.Restart.Policy.Is(deploy.RestartNo) && w.Restart.Attempts.IsSet(), w.Restart.Policy.Is(deploy.RestartOnFailure) && (!some || attempts < 1 || attempts > maxRetries),
		!w.Restart.Policy.Is(deploy.RestartNo) && !w.Restart.Policy.Is(deploy.RestartOnFailure):
		return fmt.Errorf("restart: a run is tried again never, once or twice")
	case reason != "" || form != w.Schedule.Cron.Or(""):
		return fmt.Errorf("schedule.cron: EventBridge Scheduler does not know it in this form")
	case !w.Schedule.Zone.IsSet() || !w.Schedule.Overlap.IsSet():
		return fmt.Errorf("schedule: a zone, and whether runs overlap, belong to it")
	case window%time.Minute != 0 || window < time.Minute || window > maxWindow:
		return fmt.Errorf("schedule.jitter: a window has whole minutes, up to a day")
	}
	return nil
}
