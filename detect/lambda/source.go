// Package lambda reads templates of the AWS Serverless Application Model: functions of container images with the routes of an HTTP API, or with a schedule.
//
// What a property means follows the SAM specification and the guides of Lambda, API Gateway and EventBridge Scheduler. A function is a workload; the Lambda Web Adapter in its image makes it one
// that answers HTTP requests. A workload that stays on Kubernetes is named by a kustomization beside the template.
package lambda

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/internal/podspec"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/ledger"
)

// Source reads SAM templates.
var Source = detect.Source{
	Name:   "lambda",
	Doc:    "SAM templates (template.yaml) with Lambda functions of container images",
	Tier:   detect.Serverless,
	Match:  match,
	Read:   read,
	Keys:   keys,
	Absent: absent,
}

// output is where lift itself puts its template, kept where it lists what stays on Kubernetes.
const (
	output = "lambda/template.yaml"
	kept   = "lambda/kubernetes/kustomization.yaml"
)

// match picks lift's own template and list, or every template of SAM's usual name.
func match(paths []string) []string {
	var own, all []string
	for _, p := range paths {
		switch base := path.Base(p); {
		case p == output || p == kept:
			own = append(own, p)
		case base == "template.yaml" || base == "template.yml" || base == "sam.yaml" || base == "sam.yml":
			all = append(all, p)
		}
	}
	if len(own) > 0 {
		return own
	}
	return all
}

// system is what the template makes.
type system struct {
	*podspec.Reader
	stays   *podspec.Staying
	dir     string            // of the template
	refs    map[string]bool   // parameters
	apis    map[string]*api   // HTTP APIs of the template by their logical names; "" is the one that SAM makes
	volumes map[string]string // parameter with an access point → volume
	out     []deploy.Workload
	global  yamldoc.Node // properties of all functions
}

var isTemplate = lazyregexp.New(`(?m)^Transform:[^\n]*(\n\s*-\s*)?.*AWS::Serverless-2016-10-31`)

func read(t detect.Tree, picked []string) (detect.Result, error) {
	r := podspec.New(t)
	s := &system{Reader: r, stays: podspec.NewStaying(r), refs: map[string]bool{}, apis: map[string]*api{}, volumes: map[string]string{}}
	var lists []string
	for _, p := range picked {
		if podspec.IsKustomization(p) {
			lists = append(lists, p)
		}
	}
	if err := r.Kustomizations(lists, s.stays.Hooks()); err != nil {
		return detect.Result{}, err
	}
	for _, p := range picked {
		if podspec.IsKustomization(p) {
			continue
		}
		src, err := fs.ReadFile(t.FS, p)
		if err != nil {
			return detect.Result{}, err
		}
		if !isTemplate.Match(src) {
			continue // another kind of file with this name
		}
		s.dir = path.Dir(p)
		docs := yamldoc.Parse(r.Rec, p, src)
		for i, doc := range docs {
			if i > 0 {
				r.Drop(doc, "a template is one document", "remove what follows it")
				continue
			}
			s.global = doc.Get("Globals", "Function")
			templateTable.Apply(r, s, doc)
			s.references(doc)
			s.leadNowhere()
		}
	}
	s.Rec.App.Workloads = append(s.Rec.App.Workloads, s.out...)
	for _, w := range s.out {
		s.Rec.Owns = append(s.Rec.Owns, deploy.At("workloads", w.Name))
	}
	s.stays.Finish()
	return s.Finish(nil), nil
}

const (
	apiTemplate = "CloudFormation: template anatomy"
	apiFunction = "SAM: AWS::Serverless::Function"
	apiEvent    = "SAM: event sources HttpApi, ScheduleV2"
	apiAdapter  = "AWS Lambda Web Adapter: configuration"
	form        = "it says what the file is"
)

var templateTable = podspec.Table[*system]{Section: "template", Rows: []podspec.Row[*system]{
	{Key: "AWSTemplateFormatVersion", Doc: "version of the form", Spec: apiTemplate, Outcome: ledger.Inert, Reason: form},
	{Key: "Transform", Doc: "SAM", Spec: apiTemplate, Outcome: ledger.Inert, Reason: form},
	{Key: "Description", Doc: "what the stack is", Spec: apiTemplate, Outcome: ledger.Inert, Reason: "it is for people"},
	{Key: "Metadata.LiftVolumes", Doc: "names of the volumes whose access points are parameters", Spec: "lift", Example: "{DataAccessPoint: data}", Read: (*system).volumeNames},
	{Key: "Metadata", Doc: "notes for tools", Spec: apiTemplate, Outcome: ledger.Inert, Reason: "it is for tools"},
	{Key: "Parameters", Doc: "what is given when the stack is deployed", Spec: apiTemplate, Example: "{OrdersUrl: {Type: String}}", Read: (*system).parameters},
	{Key: "Globals", Doc: "properties of all functions", Spec: "SAM: Globals", Outcome: ledger.Dropped, Reason: "lift reads the properties of each function alone", Remedy: "write them at the functions"},
	{Key: "Mappings", Doc: "tables", Spec: apiTemplate, Outcome: ledger.Dropped, Reason: "lift does not compute what depends on the region", Remedy: "write the values out"},
	{Key: "Conditions", Doc: "when a resource is there", Spec: apiTemplate, Outcome: ledger.Dropped, Reason: "lift does not compute conditions", Remedy: "write one template for each case"},
	{Key: "Rules", Doc: "what parameters must fulfil", Spec: apiTemplate, Outcome: ledger.Inert, Reason: "it keeps wrong parameters away, no more"},
	{Key: "Resources", Doc: "functions and what they need", Spec: apiTemplate, Example: "{Web: {Type: AWS::Serverless::Function}}", Read: (*system).resources},
	{Key: "Outputs", Doc: "what the stack tells", Spec: apiTemplate, Example: "{Url: {Value: x}}", Outcome: ledger.Inert, Reason: onlyTells, Read: func(s *system, n yamldoc.Node) {
		s.Pairs(n, func(key string, v yamldoc.Node) {
			outputTable.Apply(s.Reader, s, v)
			if v.IsMap() && !v.Get("Value").Exists() {
				s.Rec.Find(ledger.Error, v.KeyPos(), v.Path+" has no Value", "write what it tells")
			}
		})
	}},
}}

func (s *system) volumeNames(n yamldoc.Node) {
	s.Pairs(n, func(key string, v yamldoc.Node) {
		name, ok := s.Name(v)
		if !ok {
			return
		}
		if s.HasVolume(name) {
			s.Bad(v, "is there twice", "give each parameter a volume of its own")
			return
		}
		s.volumes[key] = name
		s.Volume(name)
		s.Rec.Convert(v.Setting(), deploy.At("volumes", name))
	})
}

func (s *system) parameters(n yamldoc.Node) {
	s.Pairs(n, func(key string, v yamldoc.Node) {
		s.refs[key] = true
		parameterTable.Apply(s.Reader, s, v)
		if v.IsMap() && !v.Get("Type").Exists() {
			s.Rec.Find(ledger.Error, v.KeyPos(), v.Path+" has no Type", "write one, such as String")
		}
	})
}

func (s *system) resources(n yamldoc.Node) {
	s.Pairs(n, func(key string, v yamldoc.Node) {
		switch kind := v.Get("Type").Str(); kind {
		case "AWS::Serverless::Function":
			s.function(key, v)
		case "AWS::Serverless::HttpApi":
			s.api(key).at = v
			apiTable.Apply(s.Reader, s, v)
		default:
			reason, remedy := "lift reads functions and HTTP APIs alone", "carry over by hand what it does"
			s.Rec.Find(ledger.Warning, v.KeyPos(), "Resources."+key+" dropped: "+reason, remedy)
			s.Drop(v, reason, remedy)
		}
	})
}

// names of the model that functions give: a tag, or the logical name.
func nameOf(key string, v yamldoc.Node) (string, yamldoc.Node) {
	if tag := v.Get("Properties", "Tags", "workload"); tag.IsScalar() && tag.Str() != "" {
		return tag.Str(), tag
	}
	return strings.ToLower(strings.TrimSuffix(key, "Function")), yamldoc.Node{}
}

// keys lists the mapping as a table.
func keys() []detect.Key {
	return slices.Concat(templateTable.Keys(), parameterTable.Keys(), outputTable.Keys(), apiTable.Keys(), functionTable.Keys(), eventTable.Keys(), scheduleTable.Keys(), fileSystemTable.Keys(), adapterKeys())
}

const (
	imageKnows = "the image knows it, and the template does not show the image"
	noPlace    = "Lambda has no place for it"
	noneThere  = "a minimal template has none"
)

// absent lists what a minimal function leaves unset.
var absent = []detect.Absence{
	{Path: "name", Reason: "without the tag system the functions' system has no name"},
	{Path: "tree", Reason: "a template does not say where the source is"},
	{Path: "place", Reason: "a template does not say where the source is"},
	{Path: "gateway", Reason: "an HTTP API is the way in"},
	{Path: "ingress", Reason: "an HTTP API is the way in"},
	{Path: "routes", Reason: noneThere},
	{Path: "volumes", Reason: noneThere},
	{Path: "workloads.*.source", Reason: "a template does not say where the source is"},
	{Path: "workloads.*.build", Reason: "a template does not say how the image is built"},
	{Path: "workloads.*.command", Reason: imageKnows},
	{Path: "workloads.*.dir", Reason: imageKnows},
	{Path: "workloads.*.env", Reason: noneThere},
	{Path: "workloads.*.user", Reason: "Lambda has a user of its own for the program"},
	{Path: "workloads.*.umask", Reason: noPlace},
	{Path: "workloads.*.before", Reason: noPlace},
	{Path: "workloads.*.started", Reason: noPlace},
	{Path: "workloads.*.stopping", Reason: noPlace},
	{Path: "workloads.*.ports", Reason: "only the adapter says on which port it asks the program"},
	{Path: "workloads.*.probes", Reason: "only the adapter asks the program how it goes"},
	{Path: "workloads.*.mounts", Reason: noneThere},
	{Path: "workloads.*.files", Reason: noPlace},
	{Path: "workloads.*.restart.delay", Reason: noPlace},
	{Path: "workloads.*.restart.attempts", Reason: "a function that answers requests is started again always"},
	{Path: "workloads.*.restart.window", Reason: noPlace},
	{Path: "workloads.*.start", Reason: "only a run by a schedule has a bound of its own: Timeout"},
	{Path: "workloads.*.stop", Reason: "Lambda waits for no stop signal"},
	{Path: "workloads.*.resources.cpu", Reason: "CPU follows memory"},
	{Path: "workloads.*.resources.memory.request", Reason: "what a function may use is reserved"},
	{Path: "workloads.*.resources.memory.swap", Reason: noPlace},
	{Path: "workloads.*.resources.pids", Reason: "1024, whatever the template says"},
	{Path: "workloads.*.resources.files", Reason: "1024, whatever the template says"},
	{Path: "workloads.*.scale", Reason: "Lambda starts as many as there are requests"},
	{Path: "workloads.*.schedule", Reason: "only a ScheduleV2 event gives one"},
	{Path: "workloads.*.needs", Reason: noPlace},
	{Path: "workloads.*.security", Reason: "an environment of Lambda is a machine of its own"},
	{Path: "workloads.*.logging", Reason: noPlace},
}
