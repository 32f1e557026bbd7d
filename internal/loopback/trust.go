package loopback

import (
	"slices"
	"strings"

	"github.com/deploylift/lift/internal/lazyregexp"
)

var (
	hba     = lazyregexp.New(`^\s*(?:host|hostssl|hostnossl|hostgssenc|hostnogssenc)\s+\S+\s+\S+\s+(?:127\.\S+|::1\S*|localhost|samehost)\s+(?:127\.\S+\s+)?(\w[\w-]*)`)
	express = lazyregexp.New(`trust proxy['"]?\s*,\s*['"\[][^)]*(?:loopback|127\.|::1)`)
)

// Trust reports whether a value gives rights or answers to who comes from the machine itself, which its neighbours no longer do once each has a container: what it is, and what to do.
// name is that of a variable, a flag or a key.
func Trust(name, value string) (what, remedy string) {
	local := strings.Contains(value, "loopback") || strings.Contains(value, "localhost") || strings.Contains(value, "127.") || strings.Contains(value, "::1")
	if !local && !on(value) {
		return "", ""
	}
	ws := Words(name)
	has := func(list ...string) bool {
		return !slices.ContainsFunc(list, func(w string) bool { return !slices.Contains(ws, w) })
	}
	switch {
	case (has("forwarded", "allow", "ips") || has("trusted", "proxies") || has("trusted", "proxy") || has("trust", "proxy") || has("trusted", "hosts", "proxy") || has("real", "ip", "from")) && local:
		return "trusts the headers of a proxy on the machine itself, and in a container the proxy has another address", "name the addresses from which the proxy will come, such as its network"
	case has("x", "forwarded", "host") && on(value):
		return "takes the host from a proxy's header, which nobody but the proxy could send as long as the program listened on the machine's own address", "let nobody but the proxy reach the port"
	case has("allowed", "hosts") && local:
		return "answers requests for the machine itself, and its neighbours will ask for it by its name", "add the workload's name and the public name"
	case has("protected", "mode") && on(value):
		return "makes redis answer nobody but the machine itself", "set a password (requirepass), or turn the mode off and let nobody but the callers reach the port"
	case (has("allow", "from") || has("allowed", "ips") || has("allow", "ips") || has("allow", "ip") || has("ip", "whitelist") || has("whitelist") || has("allowlist") || has("internal", "ips")) && local:
		return "grants rights to callers from the machine itself, and in a container no neighbour calls from there", "name the addresses or networks from which they will come"
	}
	return "", ""
}

// TrustLine is Trust for a line of a file that has no names: pg_hba.conf, or code.
func TrustLine(line string) (what, remedy string) {
	if m := hba.FindStringSubmatch(line); m != nil {
		return "lets in who connects from the machine itself (" + m[1] + "), and in a container no neighbour does", "add a line for the network of the callers, with a password (scram-sha-256)"
	}
	if express.MatchString(line) {
		return "trusts the headers of a proxy on the machine itself, and in a container the proxy has another address", "name the addresses from which the proxy will come, such as its network"
	}
	return "", ""
}

func on(value string) bool {
	switch strings.ToLower(strings.Trim(strings.TrimSpace(value), `"'`)) {
	case "1", "yes", "true", "on":
		return true
	}
	return false
}
