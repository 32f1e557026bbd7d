package pipeline

import (
	"strings"

	"github.com/deploylift/lift/deploy"
)

// ConfigKey is one key of lift.yaml: the parser, the published schema (lift.schema.json) and the reference page are made of the same table.
type ConfigKey struct {
	Name    string // "workloads.*.image": "*" stands for any one name, "[]" for the entries of a list
	Type    string // text, yes or no, whole number, amount, CPU share, span of time, list of texts, or "a | b | c"
	Doc     string
	Example string // as it stands in the file
	Path    string // of a pin: the pattern of the leaf of the model that it gives, where it is not Name itself; "-" for what is no pin
}

// Types of the values of lift.yaml.
const (
	isText   = "text"
	isYesNo  = "yes or no"
	isNumber = "whole number"
	isAmount = "amount"
	isCPU    = "CPU share"
	isSpan   = "span of time"
	isTexts  = "list of texts"
)

// ConfigKeys are all keys of lift.yaml.
var ConfigKeys = forEachProbe([]ConfigKey{
	{"name", isText, "name of the system: the compose project, the label app.kubernetes.io/part-of, the front of image names", "shop", ""},
	{"registry", isText, "where images are pushed to: it is put before the name of every image that is built and names no registry yet", "registry.example/team", "-"},
	{"gateway", isText, "[NAMESPACE/]NAME of the Gateway through which requests come from outside", "infra/public", ""},
	{"ingress", isText, "class of the ingress controller through which they come: Ingresses are written then, and no HTTPRoutes", "nginx", ""},
	{"paths.*", isText, "path in the tree that has what the machine has at this path; it outranks all other evidence", ".", "-"},
	{"only", isTexts, "migrate these workloads alone; the others stay where they are", "[orders, storefront]", "-"},
	{"skip", isTexts, "leave these workloads where they are", "[worker]", "-"},
	{"accept.[].setting", isText, "key of the settings whose loss is accepted, as the report prints it; * stands for any letters", "RestartSec", "-"},
	{"accept.[].at", isText, "file or file:line of the settings whose loss is accepted; * stands for any letters but a slash", "deploy/worker.service:17", "-"},
	{"accept.[].stays", isText, "workload that may stay on the tier before, because it does not fit the target", "worker", "-"},
	{"accept.[].reason", isText, "why the loss is harmless; it must be there", "the program reconnects by itself", "-"},

	{"workloads.*.domain", isText, "host name under which requests from outside reach it; a proxy that names its hosts itself needs none", "shop.example", "-"},
	{"workloads.*.image", isText, "name of its image", "registry.example/team/orders:2.1.0", ""},
	{"workloads.*.base", isText, "image that its image is based on; with apt-get where lift installs packages, with the program's language where one runs it", "node:22-bookworm-slim", "workloads.*.source.base"},
	{"workloads.*.replicas", isNumber, "how many of it run", "2", "workloads.*.scale.replicas"},
	{"workloads.*.scale.replicas", isNumber, "the same as replicas", "2", ""},
	{"workloads.*.scale.min", isNumber, "how many of it run at least, where the platform scales by itself", "1", ""},
	{"workloads.*.scale.max", isNumber, "how many of it run at most, where the platform scales by itself", "4", ""},
	{"workloads.*.kind", "service | job | cron | agent", "how it runs: until it is stopped, once to its end, by a schedule, or once on every machine", "service", ""},
	{"workloads.*.autostart", isYesNo, "starts together with the system", "true", ""},
	{"workloads.*.user.id", isNumber, "number of the user that it runs as; existing data must belong to it", "990", ""},
	{"workloads.*.user.groupID", isNumber, "number of the group that it runs as", "990", ""},
	{"workloads.*.user.volumes", isNumber, "number of the group that may write its volumes", "990", ""},
	{"workloads.*.ports.*.name", isText, "name of the port in the Service, at most 15 letters", "http", ""},
	{"workloads.*.ports.*.protocol", "http | grpc | tcp", "what is spoken on the port", "http", ""},
	{"workloads.*.ports.*.address", isText, "address that the program binds", "0.0.0.0", ""},
	{"workloads.*.ports.*.reachable", isYesNo, "the other workloads reach the port", "true", ""},
	{"workloads.*.ports.*.published", isText, "[ADDRESS:]PORT under which the machine offers the port", "127.0.0.1:8080", ""},
	{"workloads.*.probes.PROBE.client", isText, "program of the image that asks for the health, where the platform has none of its own", "node", ""},
	{"workloads.*.probes.PROBE.port", isNumber, "port that is asked for the health", "8080", ""},
	{"workloads.*.probes.PROBE.interval", isSpan, "how often the health is asked for", "10s", ""},
	{"workloads.*.probes.PROBE.timeout", isSpan, "how long an answer may take", "3s", ""},
	{"workloads.*.probes.PROBE.delay", isSpan, "how long after the start failures do not count", "1m", ""},
	{"workloads.*.probes.PROBE.failures", isNumber, "how many failures in a row make it unhealthy", "3", ""},
	{"workloads.*.mounts.*.kind", "volume | tmpfs | host", "what is mounted", "volume", ""},
	{"workloads.*.mounts.*.size", isAmount, "how much may be written to a directory in memory, or to /tmp of a function", "64Mi", ""},
	{"workloads.*.mounts.*.readOnly", isYesNo, "the program may not write there", "false", ""},
	{"workloads.*.needs.*.condition", "started | ready | completed", "what it waits for before it starts", "started", ""},
	{"workloads.*.needs.*.required", isYesNo, "it does not start without the other one", "true", ""},
	{"workloads.*.needs.*.follow", isYesNo, "it is stopped and started again together with the other one", "true", ""},
	{"workloads.*.restart.policy", "no | always | on-failure", "when it is started again after its end", "always", ""},
	{"workloads.*.restart.attempts", isNumber, "how often it is started again until it is given up, or unlimited", "6", ""},
	{"workloads.*.stop.grace", isSpan, "how long it has to stop before it is killed", "30s", ""},
	{"workloads.*.stop.scope", "group | main | mixed", "which of its processes get the stop signal", "mixed", ""},
	{"workloads.*.resources.cpu.request", isCPU, "CPU that is reserved for it", "250m", ""},
	{"workloads.*.resources.cpu.limit", isCPU, "CPU that it may use, or unlimited", "1.5", ""},
	{"workloads.*.resources.memory.request", isAmount, "memory that is reserved for it", "256Mi", ""},
	{"workloads.*.resources.memory.limit", isAmount, "memory that it may use, or unlimited", "512Mi", ""},
	{"workloads.*.schedule.zone", isText, "time zone of its schedule", "Europe/Zurich", ""},
	{"workloads.*.schedule.overlap", isYesNo, "a run may start while the one before is still running", "false", ""},
	{"workloads.*.schedule.catchUp", isYesNo, "a run that was missed is made up for", "true", ""},
	{"workloads.*.before.*.privileged", isYesNo, "this command before the start runs as root", "false", ""},
	{"workloads.*.security.privileged", isYesNo, "it has all privileges", "false", ""},
	{"workloads.*.security.readOnlyRoot", isYesNo, "it may write nowhere but to its mounts", "true", ""},
	{"workloads.*.security.noNewPrivileges", isYesNo, "set-user-ID programs give it nothing", "true", ""},
	{"workloads.*.security.seccomp", "RuntimeDefault | Unconfined", "filter of its system calls", "RuntimeDefault", ""},
	{"workloads.*.security.capabilities", isTexts, "capabilities that it keeps, without CAP_; or all, none, default", "[NET_BIND_SERVICE]", ""},
	{"workloads.*.placement.arch", "amd64 | arm64", "processors that its image is built for", "arm64", ""},
	{"volumes.*.size", isAmount, "how much storage is asked for", "5Gi", ""},
	{"volumes.*.access", "one | many", "mounted by one workload at a time, or by several", "one", ""},
})

// forEachProbe repeats the rows of probes for the three that there are.
func forEachProbe(rows []ConfigKey) []ConfigKey {
	var out []ConfigKey
	for _, row := range rows {
		before, after, ok := strings.Cut(row.Name, "PROBE")
		if !ok {
			out = append(out, row)
			continue
		}
		for _, probe := range []string{"readiness", "startup", "liveness"} {
			row.Name = before + probe + after
			out = append(out, row)
		}
	}
	return out
}

// model returns the pattern of the leaf that a pin gives, "" for what is no pin.
func (k ConfigKey) model() string {
	switch k.Path {
	case "-":
		return ""
	case "":
		return k.Name
	}
	return k.Path
}

// leaf returns the place of the model that a key of lift.yaml gives.
func (k ConfigKey) leaf(key deploy.Path) deploy.Path {
	names := key.Names()
	if k.Path != "" { // an alias: what is named stands at the same place in both
		out := deploy.Path(k.Path).Names()
		for i, n := range out {
			if n == "*" {
				out[i] = names[i]
			}
		}
		names = out
	}
	return deploy.At(names...)
}

// keyTree is the table as a tree: what may stand below a key.
type keyTree struct {
	named map[string]*keyTree
	order []string // the names, as the table has them
	any   *keyTree // below any name
	each  *keyTree // each entry of a list
	row   *ConfigKey
}

var configTree = newKeyTree(ConfigKeys)

func newKeyTree(rows []ConfigKey) *keyTree {
	root := &keyTree{}
	for i := range rows {
		t := root
		for name := range strings.SplitSeq(rows[i].Name, ".") {
			switch name {
			case "*":
				if t.any == nil {
					t.any = &keyTree{}
				}
				t = t.any
			case "[]":
				if t.each == nil {
					t.each = &keyTree{}
				}
				t = t.each
			default:
				if t.named == nil {
					t.named = map[string]*keyTree{}
				}
				if t.named[name] == nil {
					t.named[name] = &keyTree{}
					t.order = append(t.order, name)
				}
				t = t.named[name]
			}
		}
		t.row = &rows[i]
	}
	return root
}
