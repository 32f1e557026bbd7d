package lambda

import (
	"maps"
	"slices"
	"strings"

	"github.com/deploylift/lift/detect/internal/podspec"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/ledger"
)

const (
	apiHTTP    = "SAM: AWS::Serverless::HttpApi"
	given      = "the variables that refer to it say what it is for"
	onlyTells  = "it only tells"
	byEvents   = "the events of the functions say what its routes are"
	beforeHere = "the model's routes know hosts and paths alone"
	onTarget   = "set it on whatever stands before the target"
)

var parameterTable = podspec.Table[*system]{Section: "Parameter", Rows: []podspec.Row[*system]{
	{Key: "Type", Doc: "what it may be", Spec: apiTemplate, Example: "String", Outcome: ledger.Inert, Reason: given, Read: func(s *system, n yamldoc.Node) {
		if v, ok := s.Name(n); ok && !parameterType.MatchString(v) {
			s.Bad(n, "is no type of a parameter", "write String, or another one that CloudFormation knows")
		} else if ok {
			s.Rec.Inert(n.Setting(), given)
		}
	}},
	{Key: "Description", Doc: "what it is for", Spec: apiTemplate, Outcome: ledger.Inert, Reason: "it is for people"},
	{Key: "Default", Doc: "its value if none is given", Spec: apiTemplate, Outcome: ledger.Inert, Reason: given, Hidden: true},
	{Key: "NoEcho", Doc: "hides its value", Spec: apiTemplate, Outcome: ledger.Inert, Reason: "it concerns what CloudFormation shows"},
	{Key: "AllowedValues", Doc: "values that it may have", Spec: apiTemplate, Outcome: ledger.Inert, Reason: rightValues},
	{Key: "AllowedPattern", Doc: "form that it must have", Spec: apiTemplate, Outcome: ledger.Inert, Reason: rightValues},
	{Key: "ConstraintDescription", Doc: "what is said of a wrong value", Spec: apiTemplate, Outcome: ledger.Inert, Reason: "it is for people"},
	{Key: "MinLength", Doc: "its least length", Spec: apiTemplate, Outcome: ledger.Inert, Reason: rightValues},
	{Key: "MaxLength", Doc: "its greatest length", Spec: apiTemplate, Outcome: ledger.Inert, Reason: rightValues},
	{Key: "MinValue", Doc: "its least value", Spec: apiTemplate, Outcome: ledger.Inert, Reason: rightValues},
	{Key: "MaxValue", Doc: "its greatest value", Spec: apiTemplate, Outcome: ledger.Inert, Reason: rightValues},
}}

const rightValues = "it keeps wrong values away, no more"

// parameterType is the form of the types that the guide lists: CloudFormation, Parameters section.
var parameterType = lazyregexp.New(`^(?:String|Number|CommaDelimitedList|List<Number>|AWS::SSM::Parameter::(?:Name|Value<(?:String|CommaDelimitedList|(?:List<)?[A-Za-z:0-9]+>?)>)|(?:List<)?AWS::(?:EC2::(?:AvailabilityZone::Name|Image::Id|Instance::Id|KeyPair::KeyName|SecurityGroup::GroupName|SecurityGroup::Id|Subnet::Id|Volume::Id|VPC::Id)|Route53::HostedZone::Id)>?)$`)

var outputTable = podspec.Table[*system]{Section: "Output", Rows: []podspec.Row[*system]{
	{Key: "Value", Doc: "what is told", Spec: apiTemplate, Outcome: ledger.Inert, Reason: onlyTells},
	{Key: "Description", Doc: "what it is", Spec: apiTemplate, Outcome: ledger.Inert, Reason: onlyTells},
	{Key: "Export", Doc: "tells other stacks", Spec: apiTemplate, Outcome: ledger.Inert, Reason: onlyTells},
	{Key: "Condition", Doc: "when it is told", Spec: apiTemplate, Outcome: ledger.Inert, Reason: onlyTells},
}}

var apiTable = podspec.Table[*system]{Section: "HttpApi resource", Rows: []podspec.Row[*system]{
	{Key: "Type", Doc: "kind of resource", Spec: apiHTTP, Outcome: ledger.Inert, Reason: "it says what the resource is"},
	{Key: "Metadata", Doc: "notes for tools", Spec: apiHTTP, Outcome: ledger.Inert, Reason: "it is for tools"},
	{Key: "DependsOn", Doc: "what is made before it", Spec: apiHTTP, Outcome: ledger.Inert, Reason: "it concerns the deployment"},
	{Key: "Condition", Doc: "when it is there", Spec: apiHTTP, Outcome: ledger.Dropped, Reason: "lift does not compute conditions", Remedy: "write one template for each case"},
	{Key: "DeletionPolicy", Doc: "whether it goes with the stack", Spec: apiHTTP, Outcome: ledger.Inert, Reason: "it concerns the deployment"},
	{Key: "UpdateReplacePolicy", Doc: "whether it goes when it is replaced", Spec: apiHTTP, Outcome: ledger.Inert, Reason: "it concerns the deployment"},
	{Key: "Properties.Name", Doc: "its name", Spec: apiHTTP, Outcome: ledger.Inert, Reason: byEvents},
	{Key: "Properties.Description", Doc: "what it is", Spec: apiHTTP, Outcome: ledger.Inert, Reason: "it is for people"},
	{Key: "Properties.FailOnWarnings", Doc: "stops a deployment that API Gateway warns of", Spec: apiHTTP, Outcome: ledger.Inert, Reason: "it concerns the deployment"},
	{Key: "Properties.Tags", Doc: "tags", Spec: apiHTTP, Outcome: ledger.Inert, Reason: "tags do nothing"},
	{Key: "Properties.PropagateTags", Doc: "gives its tags on", Spec: apiHTTP, Outcome: ledger.Inert, Reason: "tags do nothing"},
	{Key: "Properties.AccessLogSettings", Doc: "where requests are noted", Spec: apiHTTP, Outcome: ledger.Inert, Reason: "notes about requests are the platform's"},
	{Key: "Properties.StageName", Doc: "first part of all paths", Spec: apiHTTP, Outcome: ledger.Dropped, Reason: beforeHere, Remedy: onTarget},
	{Key: "Properties.StageVariables", Doc: "variables of the API", Spec: apiHTTP, Outcome: ledger.Dropped, Reason: beforeHere, Remedy: onTarget},
	{Key: "Properties.Auth", Doc: "who may ask", Spec: apiHTTP, Outcome: ledger.Dropped, Reason: "the model does not know who may ask", Remedy: "protect the routes on the target"},
	{Key: "Properties.CorsConfiguration", Doc: "other sites that may ask", Spec: apiHTTP, Outcome: ledger.Dropped, Reason: beforeHere, Remedy: onTarget},
	{Key: "Properties.DefaultRouteSettings", Doc: "throttling", Spec: apiHTTP, Outcome: ledger.Dropped, Reason: "the model does not throttle", Remedy: onTarget},
	{Key: "Properties.RouteSettings", Doc: "throttling of single routes", Spec: apiHTTP, Outcome: ledger.Dropped, Reason: "the model does not throttle", Remedy: onTarget},
	{Key: "Properties.Domain", Doc: "host of its own", Spec: apiHTTP, Outcome: ledger.Dropped, Reason: "the routes of the events have no host", Remedy: "give the host to the target's routes"},
	{Key: "Properties.DisableExecuteApiEndpoint", Doc: "closes the address that AWS gives it", Spec: apiHTTP, Outcome: ledger.Inert, Reason: "the address is the platform's"},
	{Key: "Properties.DefinitionBody", Doc: "its routes, in OpenAPI", Spec: apiHTTP, Outcome: ledger.Dropped, Reason: "lift reads the events of the functions alone", Remedy: "write events"},
	{Key: "Properties.DefinitionUri", Doc: "file with its routes, in OpenAPI", Spec: apiHTTP, Outcome: ledger.Dropped, Reason: "lift reads the events of the functions alone", Remedy: "write events"},
}}

// api is an HTTP API: where it stands, unless SAM makes it, and the events that lead to it.
type api struct {
	at     yamldoc.Node
	events []yamldoc.Node
}

func (s *system) api(name string) *api {
	if s.apis[name] == nil {
		s.apis[name] = &api{}
	}
	return s.apis[name]
}

// leads notes the API that an event belongs to.
func (f *function) leads(e event) {
	name := ""
	if e.api.Exists() {
		if name = refersTo(e.api); name == "" {
			name = e.api.Str() // of another stack
		}
	}
	a := f.api(name)
	a.events = append(a.events, e.node)
}

// leadNowhere finds APIs without events, and events of several APIs: each has an address of its own, and the model one system of routes.
func (s *system) leadNowhere() {
	first := ""
	for _, name := range slices.Sorted(maps.Keys(s.apis)) {
		a := s.apis[name]
		switch {
		case len(a.events) == 0:
			s.Rec.Find(ledger.Warning, a.at.KeyPos(), a.at.Path+" has no routes: no event names it in ApiId", "name it in the events of the functions, or remove it")
		case first == "":
			first = a.events[0].Path
		default:
			s.Rec.Find(ledger.Warning, a.events[0].KeyPos(), a.events[0].Path+" belongs to another HTTP API than "+first+": each has an address of its own, and the routes of all are read as those of one", "name one API in ApiId")
		}
	}
}

// refersTo returns the name that a node refers to: {Ref: NAME} or !Ref NAME; "" if it does not.
func refersTo(n yamldoc.Node) string {
	if ref := n.Get("Ref"); n.IsMap() && len(n.Entries()) == 1 && ref.IsScalar() {
		return ref.Str()
	}
	if n.Tag() == "!Ref" {
		return n.Str()
	}
	return ""
}

var inText = lazyregexp.New(`\$\{([A-Za-z0-9:]+)(?:\.[A-Za-z0-9.]+)?\}`)

// references finds what is referred to and is not there, and parameters that nothing refers to. A template with macros may make names that are not seen here.
func (s *system) references(doc yamldoc.Node) {
	if doc.Get("Transform").IsSeq() && len(doc.Get("Transform").Items()) > 1 {
		return
	}
	used := map[string]bool{}
	var walk func(n yamldoc.Node, own map[string]bool)
	check := func(n yamldoc.Node, name string, own map[string]bool) {
		used[name] = true
		if name == "" || own[name] || s.refs[name] || strings.HasPrefix(name, "AWS::") || s.made(doc, name) || strings.Contains(n.Path, ".Environment.Variables.") {
			return // variables tell it themselves
		}
		s.Rec.Find(ledger.Error, n.Pos(), n.Path+" refers to "+name+", which the template does not have", "mend the name, or add it to Parameters")
	}
	text := func(n yamldoc.Node, own map[string]bool) {
		for _, m := range inText.FindAllStringSubmatch(n.Str(), -1) {
			check(n, m[1], own)
		}
	}
	walk = func(n yamldoc.Node, own map[string]bool) {
		if name := refersTo(n); name != "" {
			at := n
			if n.IsMap() {
				at = n.Get("Ref")
			}
			check(at, name, own)
			return
		}
		switch n.Tag() {
		case "!Sub":
			text(n, own)
		case "!GetAtt":
			name, _, _ := strings.Cut(n.Str(), ".")
			check(n, name, own)
		}
		for _, e := range n.Entries() {
			switch e.Key {
			case "Fn::Sub":
				sub, names := e.Value, map[string]bool{}
				if items := e.Value.Items(); len(items) == 2 {
					sub = items[0]
					for _, pair := range items[1].Entries() {
						names[pair.Key] = true
						walk(pair.Value, own)
					}
				}
				text(sub, names)
			case "Fn::GetAtt":
				first := e.Value
				if items := e.Value.Items(); len(items) > 0 {
					first = items[0]
				}
				name, _, _ := strings.Cut(first.Str(), ".")
				check(first, name, own)
			default:
				walk(e.Value, own)
			}
		}
		for _, item := range n.Items() {
			walk(item, own)
		}
	}
	for _, e := range doc.Entries() {
		if e.Key != "Parameters" {
			walk(e.Value, nil)
		}
	}
	for _, e := range doc.Get("Parameters").Entries() {
		if !used[e.Key] {
			s.Rec.Find(ledger.Info, e.Value.KeyPos(), e.Value.Path+": nothing refers to it", "remove it")
		}
	}
}

// made reports whether a resource has the name, or SAM makes one of it: the role of a function, the stage of an API.
func (s *system) made(doc yamldoc.Node, name string) bool {
	if strings.HasPrefix(name, "Serverless") {
		return true
	}
	return slices.ContainsFunc(doc.Get("Resources").Entries(), func(e yamldoc.Entry) bool {
		rest, ok := strings.CutPrefix(name, e.Key)
		return ok && (rest == "" || rest[0] >= 'A' && rest[0] <= 'Z')
	})
}
