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
	Name      Opt[string] `sample:"shop"`        // name of the system: compose project, Kubernetes label part-of
	Tree      Opt[string] `sample:"../src/shop"` // how to reach the source tree from the place of the output, slash path; "." in place
	Place     Opt[string] `sample:"out"`         // the last names of the output's own path, as many as Tree leads up: how to come back from the tree; absent in place
	Workloads []Workload
	Volumes   []Volume
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
