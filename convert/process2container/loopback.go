package process2container

import (
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/internal/loopback"
	"github.com/deploylift/lift/ledger"
)

// owners tells who listens on which port of the machine, and says where several claim one.
func (s *step) owners() loopback.Table {
	t := loopback.Owners(s.app)
	for _, w := range s.app.Workloads {
		for _, p := range w.Ports {
			n, _, _ := strings.Cut(p.Number, "/")
			if list := t.Of(p.Address.Or("127.0.0.1"), n); len(list) > 1 && list[0] != w.Name && slices.Contains(list, w.Name) {
				s.notice(ledger.Warning, s.sourcePath(deploy.At("workloads", w.Name, "ports", p.Number)), "port "+n+" is claimed by "+list[0]+" and by "+w.Name, "tell which of them listens; addresses that lead to it are left as they are")
			}
		}
	}
	return t
}

// callees leads the loopback addresses in the workload's variables and command lines to the workloads that own them: the host alone is replaced.
func (o one) callees(owners loopback.Table) {
	env := make([]loopback.Var, len(o.w.Env))
	for i, e := range o.w.Env {
		env[i].Name = e.Name
		env[i].Text, _ = e.Value.Reveal()
	}
	for i := range o.w.Env {
		e := &o.w.Env[i]
		from, to := o.from.Join("env", e.Name, "value"), o.to.Join("env", e.Name, "value")
		r := rewriter{one: o, owners: owners, vars: env, at: from}
		if e.Value.IsSecret() {
			r.secret(i)
		} else if now := r.value(i); now != env[i].Text {
			e.Value = deploy.Plain(now)
			reason := "loopback addresses lead to the workload that listens there"
			if now == "0.0.0.0" {
				reason = "the program must listen on all addresses of its container to be reached"
			}
			o.l.Convert(from, reason, to)
		}
	}
	o.command(owners, env, &o.w.Command, "command")
	for i := range o.w.Before {
		o.later(owners, env, o.w.Before[i].Command, "before", itoa(i), "command")
	}
	for i := range o.w.Started {
		o.command(owners, env, &o.w.Started[i].Command, "started", itoa(i), "command")
	}
	for i := range o.w.Stopping {
		o.command(owners, env, &o.w.Stopping[i].Command, "stopping", itoa(i), "command")
	}
}

// later says what has to change in a command that this tier has no place for: the next one gets it as it is.
func (o one) later(owners loopback.Table, env []loopback.Var, c deploy.Command, place ...string) {
	if words, ok := c.Argv.Literals(); ok && len(words) > 0 {
		at := words
		if c.Shell.IsSet() {
			at, _ = scriptWords(words[0])
		}
		r := rewriter{one: o, owners: owners, vars: append(loopback.Arguments(at), env...), program: words[0], at: o.from.Join(place...).Join("argv"), tell: true}
		for i := range len(r.vars) - len(env) {
			r.value(i)
		}
	}
}

// command rewrites a command line: its words, or the words of its script.
func (o one) command(owners loopback.Table, env []loopback.Var, c *deploy.Command, place ...string) {
	words, ok := c.Argv.Literals()
	if !ok || len(words) == 0 {
		return
	}
	from := o.from.Join(place...).Join("argv")
	was := slices.Clone(words)
	if c.Shell.IsSet() {
		fields, at := scriptWords(words[0])
		r := rewriter{one: o, owners: owners, vars: append(loopback.Arguments(fields), env...), at: from}
		for i := len(r.vars) - len(env) - 1; i >= 0; i-- { // from the end, so that the places before stay true
			v := r.vars[i]
			start := at[v.Word] + v.Start
			words[0] = words[0][:start] + r.value(i) + words[0][start+len(v.Text):]
		}
	} else {
		args := loopback.Arguments(words)
		r := rewriter{one: o, owners: owners, vars: append(args, env...), program: words[0], at: from}
		for i, v := range args {
			words[v.Word] = words[v.Word][:v.Start] + r.value(i)
		}
	}
	if slices.Equal(words, was) {
		return
	}
	c.Argv = deploy.Args(words...)
	if !o.turned(from) {
		o.l.Convert(from, "loopback addresses lead to the workload that listens there", o.to.Join(place...).Join("argv"))
	}
}

// scriptWords splits a script at white space and tells where each word begins.
func scriptWords(script string) (words []string, at []int) {
	for i := 0; i < len(script); {
		if strings.IndexByte(" \t\r\n", script[i]) >= 0 {
			i++
			continue
		}
		n := strings.IndexAny(script[i:]+" ", " \t\r\n")
		words, at = append(words, script[i:i+n]), append(at, i)
		i += n
	}
	return words, at
}

// rewriter turns the loopback addresses in the values of one place.
type rewriter struct {
	one
	owners  loopback.Table
	vars    []loopback.Var
	program string      // the command's first word
	at      deploy.Path // where messages point to
	tell    bool        // say what would be replaced, too
}

// value returns the text of vars[i] with the hosts replaced, and says what has to be known of those that are not.
func (r rewriter) value(i int) string {
	v := r.vars[i]
	if what, remedy := loopback.Trust(v.Name, v.Text); what != "" {
		r.notice(ledger.Warning, r.at, v.Name+" "+what, remedy)
		return v.Text
	}
	r.sockets(v, false)
	found := loopback.Find(v.Text, r.owners.Hosts...)
	if len(found) == 0 || loopback.Exempt(v.Name) {
		return v.Text
	}
	if loopback.Browser(v.Name) {
		r.notice(ledger.Info, r.at, v.Name+" is left as it is: a browser or another site follows "+v.Text[found[0].Start:found[0].End]+" to the machine that it runs on", "set the public address of the new place")
		return v.Text
	}
	return loopback.Replace(v.Text, found, func(a loopback.Address) string {
		port := loopback.PortOf(r.vars, i, a, r.program)
		address := v.Text[a.Start:a.End]
		if port != "" {
			address += ":" + port
		}
		switch verdict, owner := r.owners.Judge(*r.w, v, a, port); verdict {
		case loopback.Listen:
			return "0.0.0.0"
		case loopback.Call:
			if r.tell {
				r.notice(ledger.Warning, r.at, named(v)+"leads to "+address+", which is another container's from now on", "write "+owner+" in the place of "+v.Text[a.Start:a.End])
			}
			return owner
		case loopback.Private:
			r.notice(ledger.Info, r.at, named(v)+"listens on "+address+", which nothing outside of its container reaches", "listen on all addresses if others must reach it")
		case loopback.Several:
			r.notice(ledger.Warning, r.at, named(v)+"leads to "+address+", which "+owner+" claim", "write the name of the one that is meant")
		case loopback.Nobody:
			r.notice(ledger.Warning, r.at, named(v)+"leads to "+address+" on the machine itself, where no workload listens; in a container it leads nowhere", "name the machine or service that listens there; what stays on this machine is host.docker.internal to Docker")
			r.notices[len(r.notices)-1].Port = port
		case loopback.NoPort:
			r.notice(ledger.Warning, r.at, named(v)+"leads to "+address+" on the machine itself, and nothing tells to which port; in a container it is the container itself", "name the workload, machine or service that is meant")
		case loopback.Keep:
		}
		return ""
	})
}

// secret says what has to be changed within a value that is not shown. The host cannot be replaced: the value is supplied from outside.
func (r rewriter) secret(i int) {
	v := r.vars[i]
	r.sockets(v, true)
	for _, a := range loopback.Find(v.Text, r.owners.Hosts...) {
		switch verdict, owner := r.owners.Judge(*r.w, v, a, loopback.PortOf(r.vars, i, a, "")); verdict {
		case loopback.Call:
			r.notice(ledger.Warning, r.at, "the secret "+v.Name+" contains a loopback address that leads to "+owner, "write "+owner+" in the place of its host when you supply the secret")
		case loopback.Nobody, loopback.NoPort, loopback.Several:
			r.notice(ledger.Warning, r.at, "the secret "+v.Name+" contains a loopback address, and which workload it leads to is not known; in a container it leads nowhere", "write the name of the machine or service that listens there in the place of its host when you supply the secret")
		case loopback.Listen, loopback.Private, loopback.Keep:
		}
	}
}

// sockets says of Unix sockets that the workload's container does not have. Of a secret nothing is shown.
func (r rewriter) sockets(v loopback.Var, secret bool) {
	for _, p := range loopback.Sockets(v.Text) {
		owner := r.owners.Socket(p)
		if owner == r.w.Name || slices.ContainsFunc(r.w.Mounts, func(m deploy.Mount) bool {
			return !m.Kind.Is(deploy.MountTmpfs) && strings.HasPrefix(p, strings.TrimSuffix(m.Path, "/")+"/")
		}) {
			continue
		}
		name, what := named(v), "the socket "+p
		if secret {
			name, what = "the secret "+v.Name+" ", "a socket"
		}
		if owner == "" {
			r.notice(ledger.Warning, r.at, name+"leads to "+what+" of the machine, which the container does not have", "use a host and a port, or mount the directory of the socket")
			continue
		}
		r.notice(ledger.Warning, r.at, name+"leads to "+what+" of "+owner+", which another container does not have", "let "+owner+" listen on a port and write "+owner+":PORT, or share the directory of the socket by a volume")
	}
}

// named begins a message with what a value is called.
func named(v loopback.Var) string {
	if v.Name == "" {
		return "an argument "
	}
	return v.Name + " "
}
