package lambda

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deploylift/lift/detect/internal/podspec"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

const ownNetwork = "the network is the platform's: it reaches file systems and databases"

var vpcTable = podspec.Table[*function]{Section: "VpcConfig", Rows: []podspec.Row[*function]{
	{Key: "SubnetIds", Doc: "subnets of the function", Spec: apiFunction, Outcome: ledger.Inert, Reason: ownNetwork},
	{Key: "SecurityGroupIds", Doc: "what it may reach", Spec: apiFunction, Outcome: ledger.Inert, Reason: ownNetwork},
	{Key: "Ipv6AllowedForDualStack", Doc: "IPv6 as well", Spec: apiFunction, Outcome: ledger.Inert, Reason: ownNetwork},
}}

// reachesFiles checks what a function needs for a file system of EFS: a network in which it is, and the right to mount the access point. It fails to be made, or to start, without (AWS Lambda:
// configuring file system access).
func (f *function) reachesFiles() {
	list := f.root.Get("Properties", "FileSystemConfigs")
	if len(list.Items()) == 0 {
		return
	}
	computed := func(e yamldoc.Entry) bool { return strings.HasPrefix(e.Key, "Fn::") }
	if vpc := f.property("VpcConfig"); !slices.ContainsFunc(vpc.Entries(), computed) && (len(items(vpc.Get("SubnetIds"))) == 0 || len(items(vpc.Get("SecurityGroupIds"))) == 0) {
		f.Rec.Find(ledger.Error, list.KeyPos(), list.Path+": a function without a network reaches no file system", "write VpcConfig with SubnetIds and SecurityGroupIds")
	}
	if f.property("Role").Exists() {
		return // what it may do is said elsewhere
	}
	for _, item := range list.Items() {
		arn := item.Get("Arn")
		for _, action := range []string{"ClientMount", "ClientWrite"} {
			if arn.Exists() && !slices.ContainsFunc(items(f.property("Policies")), func(p yamldoc.Node) bool { return allows(p, action, arn) }) {
				f.Rec.Find(ledger.Warning, arn.KeyPos(), fmt.Sprintf("%s: no policy allows elasticfilesystem:%s", arn.Path, action), "allow it in Policies, for this access point")
			}
		}
	}
}

// property returns a property of the function, or what Globals say of it.
func (f *function) property(name string) yamldoc.Node {
	if n := f.root.Get("Properties", name); n.Exists() {
		return n
	}
	return f.global.Get(name)
}

// items returns the elements of a list; anything else counts as a list of one.
func items(n yamldoc.Node) []yamldoc.Node {
	switch {
	case n.IsSeq():
		return n.Items()
	case n.Exists() && !n.IsNull():
		return []yamldoc.Node{n}
	}
	return nil
}

// allows reports whether a policy lets the function do something to files behind an access point: one of AWS's own by its name, or a statement.
func allows(policy yamldoc.Node, action string, arn yamldoc.Node) bool {
	if policy.IsScalar() {
		name := policy.Str()[strings.LastIndexByte(policy.Str(), '/')+1:]
		return name == "AmazonElasticFileSystemClientFullAccess" || name == "AmazonElasticFileSystemClientReadWriteAccess" || name == "AmazonElasticFileSystemFullAccess"
	}
	return slices.ContainsFunc(items(policy.Get("Statement")), func(s yamldoc.Node) bool {
		for _, e := range s.Entries() {
			if !slices.Contains([]string{"Sid", "Effect", "Action", "Resource", "Condition"}, e.Key) {
				return false
			}
		}
		condition := s.Get("Condition")
		for _, e := range condition.Entries() {
			if at := e.Value.Get("elasticfilesystem:AccessPointArn"); e.Key != "StringEquals" || len(e.Value.Entries()) != 1 || !same(at, arn) {
				return false
			}
		}
		if condition.Exists() && len(condition.Entries()) == 0 {
			return false
		}
		resource := slices.ContainsFunc(items(s.Get("Resource")), func(n yamldoc.Node) bool {
			return n.Str() == "*" || n.IsMap() || strings.HasPrefix(n.Tag(), "!") && !strings.HasPrefix(n.Tag(), "!!") || strings.Contains(n.Str(), ":elasticfilesystem:")
		})
		return s.Get("Effect").Str() == "Allow" && resource && slices.ContainsFunc(items(s.Get("Action")), func(n yamldoc.Node) bool {
			return slices.Contains([]string{"*", "elasticfilesystem:*", "elasticfilesystem:Client*", "elasticfilesystem:" + action}, n.Str())
		})
	})
}

// same reports whether two nodes say the same.
func same(a, b yamldoc.Node) bool {
	if !a.Exists() || !b.Exists() || a.IsMap() != b.IsMap() || a.IsSeq() != b.IsSeq() || a.Str() != b.Str() || a.Tag() != b.Tag() {
		return false
	}
	x, y := a.Entries(), b.Entries()
	for i := range x {
		if len(x) != len(y) || x[i].Key != y[i].Key || !same(x[i].Value, y[i].Value) {
			return false
		}
	}
	p, q := a.Items(), b.Items()
	for i := range p {
		if len(p) != len(q) || !same(p[i], q[i]) {
			return false
		}
	}
	return len(x) == len(y) && len(p) == len(q)
}

const (
	requestMost    = 30 // seconds that a request through an HTTP API may take (API Gateway: quotas)
	requestDefault = 3  // and one to a function of which nothing is said
)

// requestTime reads how long a request may take. An HTTP API gives up after 30 s whatever the function may; what gives up before is a bound that the model does not have.
func (f *function) requestTime() {
	const reason, remedy = "the model does not bound requests", "write Timeout: 30, or bound them on whatever stands before the target"
	switch v, ok := f.timeout.Int(); {
	case f.timeout.Exists() && ok && v >= requestMost:
		f.Rec.Inert(f.timeout.Setting(), "a request through an HTTP API takes 30 s at most, whatever the function may")
	case f.timeout.Exists():
		f.Rec.Drop(f.timeout.Setting(), reason, remedy)
		f.Rec.Find(ledger.Warning, f.timeout.Pos(), fmt.Sprintf("%s dropped: a request may take %s s here, and %s", f.timeout.Path, f.timeout.Str(), reason), remedy)
	case len(f.events) > 0 && !f.global.Get("Timeout").Exists():
		f.Rec.Find(ledger.Info, f.root.KeyPos(), fmt.Sprintf("%s: a request may take %d s, Lambda's default", f.root.Path, requestDefault), remedy)
	}
}
