package run

import (
	"github.com/deploylift/lift/ledger"
)

// Status is what became of one comparison.
type Status string

// Statuses.
const (
	Same       Status = "same"
	Declared   Status = "declared"   // it differs, and as an entry of the ledger says
	Undeclared Status = "undeclared" // it differs, and nothing says so; or it differs otherwise than is said
	NotTested  Status = "not tested"
)

// Finding is the comparison of one aspect of one workload, or of one exchange, between the original and one other tier.
type Finding struct {
	Tier     string     `json:"tier"`     // the runner's name
	Workload string     `json:"workload"` // as the original calls it; "" for the system as a whole
	Aspect   string     `json:"aspect"`   // "umask", "env.LOG_LEVEL", or "exchange: GET /healthz"
	Status   Status     `json:"status"`
	Original string     `json:"original,omitempty"` // what the original showed, never a secret
	Here     string     `json:"here,omitempty"`     // what this tier showed
	Reason   string     `json:"reason,omitempty"`   // why it differs, why it was not tested, or what is remarkable although it is the same
	Remedy   string     `json:"remedy,omitempty"`
	At       ledger.Pos `json:"-"` // the setting of the source that it is about
}

// Exchange reports whether the finding is about a request and its answer.
func (f Finding) Exchange() bool {
	return len(f.Aspect) > len(exchangePrefix) && f.Aspect[:len(exchangePrefix)] == exchangePrefix
}

// exchangePrefix begins the aspects that are exchanges.
const exchangePrefix = "exchange: "

// Verdict is the result of a run.
type Verdict struct {
	System   string    `json:"system"`
	Nonce    string    `json:"nonce"`
	Original string    `json:"original"` // the runner of the original
	Tiers    []string  `json:"tiers"`    // the runners of the others, upwards
	Findings []Finding `json:"findings"`
	Skipped  []Skip    `json:"skipped,omitempty"`
	Noise    []Noise   `json:"noise,omitempty"` // what differs between two runs of the original, and is compared by its form alone
	Stale    []string  `json:"stale,omitempty"` // allowed differences that nothing needs
}

// Noise is a place of an answer at which the original differs from itself.
type Noise struct {
	File     string `json:"file"`
	Exchange string `json:"exchange"`
	Place    string `json:"place"`
	Form     string `json:"form"` // what its values have in common
}

// Skip is a runner that was asked for and could not run here.
type Skip struct {
	Tier string `json:"tier"`
	Why  string `json:"why"`
}

// Count tells how many findings have the status; exchanges alone, or aspects alone.
func (v Verdict) Count(s Status, exchanges bool) int {
	n := 0
	for _, f := range v.Findings {
		if f.Status == s && f.Exchange() == exchanges {
			n++
		}
	}
	return n
}

// Equivalent reports whether nothing undeclared was found and something was compared at all.
func (v Verdict) Equivalent() bool {
	compared := 0
	for _, f := range v.Findings {
		switch f.Status {
		case Undeclared:
			return false
		case Same, Declared:
			compared++
		}
	}
	return compared > 0
}
