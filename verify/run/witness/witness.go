// Package witness brings the witness to a system's workloads: a small static program that takes an application's place and reports its world. It is built from its source, which lift carries.
package witness

import "github.com/deploylift/lift/verify/run/witness/report"

// The witness's words, under the names that the rest of lift uses.
type (
	Plan   = report.Plan
	Peer   = report.Peer
	World  = report.World
	Event  = report.Event
	Answer = report.Answer
)
