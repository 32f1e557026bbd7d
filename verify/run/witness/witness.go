// Package witness brings the witness to a system's workloads: a small static program that takes an application's place and reports its world. It is built from its source, which lift carries.
package witness

import "github.com/deploylift/lift/verify/run/witness/report"

// The witness's words, under the names that the rest of lift uses.
type (
	Plan       = report.Plan
	Peer       = report.Peer
	World      = report.World
	Cgroup     = report.Cgroup
	Mount      = report.Mount
	PeerResult = report.PeerResult
	Event      = report.Event
	Answer     = report.Answer
	Reached    = report.Reached
)

// Variable is the environment variable that holds the Plan as JSON.
const Variable = report.Variable

// Hash stands for a value that may not be printed, in a run with the nonce.
func Hash(nonce, value string) string { return report.Hash(nonce, value) }

// Matches reports whether what a witness reported is the value, shown or as its Hash.
func Matches(nonce, reported, value string) bool { return report.Matches(nonce, reported, value) }
