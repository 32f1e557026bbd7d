// Package deploy is the model of a deployed system in no platform's words: what must run, with what, and under which conditions.
//
// It is plain data. Readers (detect/*) fill it, lowerings (convert/*) move it one tier up, writers print it, and the checks (verify) compare two of it with Diff. Scalars are
// Opt[T], so that an explicit zero differs from absence; bounds are Limit[T], a number or unlimited. Collections are slices whose elements carry their name as key; ordered
// steps are slices without one. Reflection lives in Visit, Diff, Clone, Full and Set alone.
//
// A field exists when two tiers use it. What a single tier knows is dropped by its reader, with a reason.
package deploy

// App is a whole system.
type App struct {
	Name      Opt[string] `sample:"shop"`         // name of the system: compose project, Kubernetes label part-of
	Tree      Opt[string] `sample:"../src/shop"`  // how to reach the source tree from the place of the output, slash path; "." in place
	Place     Opt[string] `sample:"out"`          // the last names of the output's own path, as many as Tree leads up: how to come back from the tree; absent in place
	Gateway   Opt[string] `sample:"infra/public"` // [NAMESPACE/]NAME of the Gateway that requests from outside come through
	Ingress   Opt[string] `sample:"nginx"`        // class of the ingress controller that they come through, where there is no Gateway
	Routes    []Route
	Workloads []Workload
	Volumes   []Volume
}

// Route leads requests from outside of the system to the workload that answers them, keyed by what they ask for: SCHEME://HOST for all of a host, "*" for every host, and below a host
// SCHEME://HOST/PATH for what begins with the path, SCHEME://HOST=/PATH for the path alone, SCHEME://HOST~PATTERN for what fits a regular expression. The longest one counts.
type Route struct {
	Match    string      `key:"http://shop.example,https://shop.example/api/"`
	Workload Opt[Ref]    `sample:"workloads.web"`
	Port     Opt[int64]  `sample:"8080"`         // of the workload
	Prefix   Opt[string] `sample:"/"`            // what the workload gets in place of the path that the request begins with; absent: the path as it is
	Upgrade  Opt[bool]   `sample:"true"`         // connections may go on with another protocol: WebSocket
	Via      Opt[Ref]    `sample:"workloads.db"` // the proxy of the system that hands the request on; absent: whatever stands in front of the system leads to the workload
}

// Volume is storage that outlives its workloads.
type Volume struct {
	Name   string      `key:"data"`
	Size   Opt[Bytes]  `sample:"1073741824"` // bytes to provide; absent: whatever the platform has
	Access Opt[string] `sample:"one"`        // "one": mounted by one workload at a time; "many": shared
	Origin Opt[string] `sample:"/srv/data"`  // the path on the machine whose content it takes over
}

// Access modes of a Volume.
const (
	AccessOne  = "one"
	AccessMany = "many"
)
