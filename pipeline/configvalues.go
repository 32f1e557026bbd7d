package pipeline

import (
	"strconv"
	"strings"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/internal/lazyregexp"
)

var (
	imageName = lazyregexp.New(`^([A-Za-z0-9.-]+(:[0-9]{1,5})?/)?[a-z0-9]+([._/-]+[a-z0-9]+)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$`)
	dnsNames  = lazyregexp.New(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)
	dnsLabel  = lazyregexp.New(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	zoneNames = lazyregexp.New(`^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$`)
	hostPart  = lazyregexp.New(`^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])$`)
	registry  = lazyregexp.New(`^[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$`)
)

// most is what platforms count with: 32 bits with a sign.
const most = 1<<31 - 1

// badValue says why no platform takes a value for a leaf, "" if one may. text is its exact form.
func badValue(leaf deploy.Path, text string) string {
	n := leaf.Names()
	last := n[len(n)-1]
	number := func(low, high int64) string {
		if v, err := strconv.ParseInt(text, 10, 64); text == "unlimited" || err == nil && v >= low && v <= high {
			return ""
		}
		return "is out of bounds: " + strconv.FormatInt(low, 10) + " to " + strconv.FormatInt(high, 10)
	}
	span := func(low time.Duration) string {
		if d, err := time.ParseDuration(text); text == "unlimited" || err == nil && d >= low && d <= most*time.Second {
			return ""
		}
		return "is out of bounds: " + low.String() + " and more"
	}
	fits := func(r *lazyregexp.Regexp, what string) string {
		if r.MatchString(text) {
			return ""
		}
		return "is no " + what
	}
	switch {
	case last == "image" || last == "base":
		return fits(imageName, "name of an image")
	case leaf == "ingress":
		return fits(dnsNames, "class of an ingress controller")
	case leaf == "gateway":
		space, name, ok := strings.Cut(text, "/")
		if !ok {
			space, name = "x", text
		}
		if !dnsLabel.MatchString(space) || !dnsNames.MatchString(name) {
			return "is no [NAMESPACE/]NAME of a Gateway"
		}
	case last == "zone":
		return fits(zoneNames, "time zone")
	case last == "published":
		host, port := "", text
		if i := strings.LastIndexByte(text, ':'); i >= 0 {
			host, port = text[:i], text[i+1:]
		}
		if v, err := strconv.ParseUint(port, 10, 16); err != nil || v == 0 || host != "" && !hostPart.MatchString(host) {
			return "is no [ADDRESS:]PORT"
		}
	case last == "port":
		return number(1, 65535)
	case len(n) > 2 && n[2] == "user":
		return number(0, most)
	case last == "replicas" || last == "min" || last == "max":
		return number(0, deploy.MostReplicas)
	case last == "failures":
		return number(1, most)
	case last == "attempts":
		return number(0, most)
	case last == "interval" || last == "timeout":
		return span(time.Millisecond)
	case last == "delay" || last == "grace":
		return span(0)
	case len(n) > 2 && n[2] == "resources":
		return number(1, 1<<62)
	case last == "size":
		return number(1, 1<<62)
	}
	return ""
}

// badRegistry says why a text cannot stand before an image's name.
func badRegistry(text string) bool {
	host, _, _ := strings.Cut(text, "/")
	if _, port, ok := strings.Cut(host, ":"); ok {
		if v, err := strconv.ParseUint(port, 10, 16); err != nil || v == 0 {
			return true
		}
	}
	return !registry.MatchString(text)
}
