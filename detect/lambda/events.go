package lambda

import (
	"slices"
	"strings"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/podspec"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

// event is one event of type HttpApi: a route.
type event struct {
	*function
	node         yamldoc.Node
	path, method yamldoc.Node
	api          yamldoc.Node
}

var eventTable = podspec.Table[*event]{Section: "HttpApi", Rows: []podspec.Row[*event]{
	{Key: "Type", Doc: "kind of event", Spec: apiEvent, Outcome: ledger.Inert, Reason: "it says what the event is"},
	{Key: "Properties.ApiId", Doc: "the HTTP API; left out it is one that SAM makes", Spec: apiEvent, Example: "{Ref: HttpApi}", Outcome: ledger.Inert, Reason: "there is one", Read: func(e *event, n yamldoc.Node) {
		e.api = n
		e.Show(n, "there is one")
	}},
	{Key: "Properties.Path", Doc: "path that is asked for; /{proxy+} at its end stands for all below it", Spec: apiEvent, Example: "/api/{proxy+}", Read: func(e *event, n yamldoc.Node) {
		if _, ok := e.Name(n); ok {
			e.path = n
		}
	}},
	{Key: "Properties.Method", Doc: "method; ANY for all", Spec: apiEvent, Example: "ANY", Read: func(e *event, n yamldoc.Node) {
		v, ok := e.Name(n)
		switch {
		case !ok:
		case strings.EqualFold(v, "ANY") || v == "*":
			e.Rec.Inert(n.Setting(), "all methods lead there")
		default:
			e.method = n
			e.Rec.Drop(n.Setting(), "the model's routes know hosts and paths alone", "let the program refuse other methods")
			e.Rec.Find(ledger.Warning, n.Pos(), n.Path+" dropped: the model's routes know hosts and paths alone", "let the program refuse other methods")
		}
	}},
	{Key: "Properties.PayloadFormatVersion", Doc: "form of the event", Spec: apiEvent, Outcome: ledger.Inert, Reason: "the adapter knows both"},
	{Key: "Properties.TimeoutInMillis", Doc: "how long an answer may take", Spec: apiEvent, Outcome: ledger.Dropped, Reason: "the model does not bound answers", Remedy: "set it on whatever stands before the target"},
	{Key: "Properties.Auth", Doc: "who may ask", Spec: apiEvent, Outcome: ledger.Dropped, Reason: "the model does not know who may ask", Remedy: "protect the route on the target"},
	{Key: "Properties.RouteSettings", Doc: "throttling", Spec: apiEvent, Outcome: ledger.Dropped, Reason: "the model does not throttle", Remedy: "set it on whatever stands before the target"},
}}

// scheduled is one event of type ScheduleV2 while it is read.
type scheduled struct{ *function }

var scheduleTable = podspec.Table[*scheduled]{Section: "ScheduleV2", Rows: []podspec.Row[*scheduled]{
	{Key: "Type", Doc: "kind of event", Spec: apiEvent, Outcome: ledger.Inert, Reason: "it says what the event is"},
	{Key: "Properties.ScheduleExpression", Doc: "when it runs: cron(MINUTE HOUR DAY MONTH WEEKDAY YEAR)", Spec: apiEvent, Example: "cron(15 3 * * ? *)", Read: (*scheduled).expression},
	{Key: "Properties.ScheduleExpressionTimezone", Doc: "time zone", Spec: apiEvent, Example: "Europe/Zurich", Read: func(s *scheduled, n yamldoc.Node) {
		if v, ok := s.Name(n); ok {
			podspec.Set(s.Reader, n, &s.m.Schedule.Zone, v, s.at.Join("schedule", "zone"))
		}
	}},
	{Key: "Properties.State", Doc: "ENABLED or DISABLED", Spec: apiEvent, Example: "ENABLED", Read: func(s *scheduled, n yamldoc.Node) {
		if v, ok := s.OneOf(n, "ENABLED", "DISABLED"); ok {
			podspec.Set(s.Reader, n, &s.m.Autostart, v == "ENABLED", s.at.Join("autostart"))
		}
	}},
	{Key: "Properties.FlexibleTimeWindow.Mode", Doc: "whether it may run later", Spec: apiEvent, Outcome: ledger.Inert, Reason: "the window says how much later"},
	{Key: "Properties.FlexibleTimeWindow.MaximumWindowInMinutes", Doc: "how much later it may run", Spec: apiEvent, Example: "15", Read: func(s *scheduled, n yamldoc.Node) {
		if v, ok := s.Int(n, 1, 1440); ok {
			podspec.Set(s.Reader, n, &s.m.Schedule.Jitter, time.Duration(v)*time.Minute, s.at.Join("schedule", "jitter"))
		}
	}},
	{Key: "Properties.RetryPolicy", Doc: "how often the scheduler tries to start it", Spec: apiEvent, Outcome: ledger.Inert, Reason: "a start that fails is the platform's own trouble"},
	{Key: "Properties.Name", Doc: "name of the schedule", Spec: apiEvent, Outcome: ledger.Inert, Reason: "nothing refers to it"},
	{Key: "Properties.Description", Doc: "what it is for", Spec: apiEvent, Outcome: ledger.Inert, Reason: "it is for people"},
	{Key: "Properties.Input", Doc: "event that the function gets", Spec: apiEvent, Outcome: ledger.Dropped, Reason: "a program that is started gets no event", Remedy: "give it arguments"},
}}

func (f *function) event(n yamldoc.Node) {
	switch kind := n.Get("Type").Str(); kind {
	case "HttpApi":
		e := event{function: f, node: n}
		eventTable.Apply(f.Reader, &e, n)
		f.leads(e)
		f.events = append(f.events, e)
	case "ScheduleV2":
		if f.schedules++; f.schedules > 1 {
			reason, remedy := "the model has one schedule for a workload", "make a function for each"
			f.Drop(n, reason, remedy)
			f.Rec.Find(ledger.Warning, n.KeyPos(), n.Path+" dropped: "+reason, remedy)
			return
		}
		s := &scheduled{function: f}
		scheduleTable.Apply(f.Reader, s, n)
		podspec.Imply(f.Reader, apiEvent, "Properties.ScheduleExpressionTimezone", &f.m.Schedule.Zone, "UTC", f.at.Join("schedule", "zone"))
	default:
		reason, remedy := "lift reads events of HttpApi and ScheduleV2 alone", "carry over by hand what it does"
		f.Drop(n, reason, remedy)
		f.Rec.Find(ledger.Warning, n.KeyPos(), n.Path+" dropped: "+reason, remedy)
	}
}

// weekdays are what EventBridge calls the days of the week, which it counts from 1.
var weekdays = []string{"", "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}

// expression reads cron(…) with its six fields: one of the two days is a question mark.
func (s *scheduled) expression(n yamldoc.Node) {
	text, ok := s.Name(n)
	if !ok {
		return
	}
	inner, ok := strings.CutPrefix(text, "cron(")
	inner, closed := strings.CutSuffix(inner, ")")
	fields := strings.Fields(inner)
	if !ok || !closed || len(fields) != 6 {
		reason, remedy := "it is no cron expression of six fields", "write cron(MINUTE HOUR DAY MONTH WEEKDAY YEAR)"
		if strings.HasPrefix(text, "rate(") || strings.HasPrefix(text, "at(") {
			reason = "the model knows the clock, not periods or single dates"
		}
		s.Rec.Drop(n.Setting(), reason, remedy)
		s.Rec.Find(ledger.Warning, n.Pos(), n.Path+" dropped: "+reason, remedy)
		return
	}
	if fields[5] != "*" || strings.ContainsAny(inner, "LW#") && !strings.Contains(inner, "WED") {
		const reason, remedy = "five fields of cron have no years, last days or nearest weekdays", "let the program look at the date"
		s.Rec.Drop(n.Setting(), reason, remedy)
		s.Rec.Find(ledger.Warning, n.Pos(), n.Path+" dropped: "+reason, remedy)
		return
	}
	for _, i := range []int{2, 4} {
		if fields[i] == "?" {
			fields[i] = "*"
		}
	}
	fields[4] = named(fields[4])
	podspec.Set(s.Reader, n, &s.m.Schedule.Cron, strings.Join(fields[:5], " "), s.at.Join("schedule", "cron"))
}

// named writes the numbers of days, which begin with Sunday as 1, by their names.
func named(field string) string {
	var out strings.Builder
	for _, r := range field {
		if r >= '1' && r <= '7' {
			out.WriteString(weekdays[r-'0'])
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// drop says that a route leads to nothing.
func (e event) drop(reason, remedy string) {
	for _, i := range e.node.Settings() {
		if !e.Rec.Accounted(i) {
			e.Rec.Drop(i, reason, remedy)
		}
	}
	e.Rec.Find(ledger.Warning, e.node.KeyPos(), e.node.Path+" dropped: "+reason, remedy)
}

// routes makes the routes of a function's events: /x and /x/{proxy+} together are all that begins with /x, an event without a path is all that no other one takes.
func (f *function) routes(number int64, base yamldoc.Node) {
	const proxy = "/{proxy+}"
	paths := map[string]yamldoc.Node{}
	for _, e := range f.events {
		if e.path.Exists() {
			paths[e.path.Str()] = e.path
		}
	}
	for _, e := range f.events {
		text := e.path.Str()
		t := deploy.Target{Scheme: "https", Host: "*", Path: text}
		nodes := []yamldoc.Node{e.path}
		switch {
		case !e.path.Exists():
			nodes = nil
		case strings.HasSuffix(text, proxy):
			stem := strings.TrimSuffix(text, proxy)
			partner := ""
			for _, p := range []string{stem, stem + "/"} {
				if _, ok := paths[p]; ok && p != "" {
					partner = p
				}
			}
			if partner != "" {
				continue // read with its partner
			}
			t.Path = stem + "/"
			f.route(e, t, number, nodes, base, "the path itself, with nothing below it, is not asked for")
			continue
		case strings.Contains(text, "{"):
			e.drop("the model's routes have no variables in their paths", "name the paths")
			f.Rec.Drop(e.path.Setting(), "the model's routes have no variables in their paths", "name the paths")
			continue
		default:
			all, ok := paths[strings.TrimSuffix(text, "/")+proxy]
			t.Exact = !ok
			if ok {
				nodes = append(nodes, all)
			}
		}
		if t.Path == "/" && !t.Exact {
			t.Path = ""
		}
		f.route(e, t, number, nodes, base, "")
	}
}

// route makes a route; nearly says what it takes that the event does not.
func (f *function) route(e event, t deploy.Target, number int64, nodes []yamldoc.Node, base yamldoc.Node, nearly string) {
	match := t.String()
	at := deploy.At("routes", match)
	if slices.ContainsFunc(f.Rec.App.Routes, func(r deploy.Route) bool { return r.Match == match }) {
		f.Rec.Find(ledger.Error, e.node.KeyPos(), e.node.Path+": another event has the same path", "remove one of them")
		e.drop("another event has the same path", "remove one of them")
		return
	}
	r := deploy.Route{Match: match, Workload: deploy.Some(deploy.Ref(f.at)), Port: deploy.Some(number)}
	if base.Exists() && (t.Path == base.Str() || strings.HasPrefix(t.Path, strings.TrimSuffix(base.Str(), "/")+"/")) {
		r.Prefix = deploy.Some("/")
		f.Rec.Part(base.Setting(), at.Join("prefix"))
	}
	f.Rec.App.Routes = append(f.Rec.App.Routes, r)
	f.Rec.Place(at, e.node.KeyPos())
	if len(nodes) == 0 { // the API's $default route
		f.Rec.Convert(f.Rec.Implied(apiEvent, "Path", "$default"), at.Join("workload"))
	}
	for _, n := range nodes {
		if nearly != "" {
			f.Rec.ApproximatePart(n.Setting(), nearly, "add an event for it", at.Join("workload"))
		} else {
			f.Rec.Part(n.Setting(), at.Join("workload"))
		}
	}
	if port := f.adapter["AWS_LWA_PORT"]; port.Exists() {
		f.Rec.Part(port.Setting(), at.Join("port"))
	} else {
		f.Rec.Convert(f.Rec.Implied(apiAdapter, "AWS_LWA_PORT", "8080"), at.Join("port"))
	}
}
