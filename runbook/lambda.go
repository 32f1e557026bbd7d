package runbook

import (
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
)

// lambda works the SAM template, and what stays on Kubernetes.
type lambda struct{ kubernetes }

// isFunction reports whether a workload is a Lambda function.
func (b *book) isFunction(w workload) bool { return b.has("lambda/" + w.Name + "/Dockerfile") }

func (b *book) functions() []workload {
	return slices.DeleteFunc(slices.Clone(b.ws), func(w workload) bool { return !b.isFunction(w) })
}

func (b *book) stack() string { return b.app().Name.Or("app") }

// supply puts the secrets of the functions into Secrets Manager, and those of what stays into Secrets of the cluster. Parameters of the template are given when it is deployed.
func (l lambda) supply(b *book, list []supply) []string {
	var out []string
	stays := false
	for _, w := range b.ws {
		stays = stays || !b.isFunction(w)
	}
	list = slices.DeleteFunc(slices.Clone(list), func(s supply) bool { return s.object() == "" })
	if stays {
		out = l.kubernetes.supply(b, list)
	}
	needed := map[string]bool{}
	for _, w := range b.functions() {
		for _, e := range w.Env {
			if e.Value.IsSecret() {
				needed[e.Value.Param()] = true
			}
		}
	}
	var objects []string
	for _, s := range list {
		if needed[s.param] && !slices.Contains(objects, s.object()) {
			objects = append(objects, s.object())
		}
	}
	slices.Sort(objects)
	for _, o := range objects {
		var take, hand []string
		for _, s := range list {
			if s.object() != o || !needed[s.param] {
				continue
			}
			if c, ok := s.sed(b, ""); ok {
				take = append(take, "  "+c)
			} else {
				hand = append(hand, "  # "+s.byHand(b))
			}
		}
		if len(hand) > 0 {
			take = append(take, "  cat "+o+".env")
			out = append(out, "# into "+o+".env, mode 0600, and deleted afterwards:")
			out = append(out, hand...)
		}
		out = append(out, "{")
		out = append(append(out, take...), `} | jq -Rn '[inputs | split("=") | {(.[0]): (.[1:] | join("="))}] | add' | aws secretsmanager create-secret --name `+o+" --secret-string file:///dev/stdin")
	}
	return out
}

// copy fills a file system of EFS from a machine that mounts it; claims that stay are filled as on Kubernetes.
func (l lambda) copy(b *book, s state) []string {
	if !b.isFunction(s.owner) {
		return l.kubernetes.copy(b, s)
	}
	uid, gid := "UID", "GID"
	for _, st := range b.l.Stages { // a function has none, but the files belong to whom the program was before
		for _, w := range st.Lowered.Workloads {
			if u, g, ok := (workload{Workload: w}).uid(); ok && w.Name == s.owner.Name {
				uid, gid = u, g
			}
		}
	}
	return []string{
		"# an EFS file system with mount targets in the function's subnets, and an access point for it:",
		"aws efs create-access-point --file-system-id FILE_SYSTEM --posix-user Uid=" + uid + ",Gid=" + gid + " --root-directory 'Path=/" + s.Name + ",CreationInfo={OwnerUid=" + uid + ",OwnerGid=" + gid + ",Permissions=0750}'",
		"# on a machine that reaches it, with amazon-efs-utils:",
		"sudo mkdir -p " + s.path + " && sudo mount -t efs -o tls,accesspoint=ACCESS_POINT FILE_SYSTEM:/ " + s.path,
		b.dump(s) + " | sudo tar -C " + s.path + " -xpf -",
		"diff <(" + b.oldSums(s) + ") <(sudo sh -c 'cd " + s.path + " && " + sums + "') && echo the same files",
	}
}

func (l lambda) start(b *book, w workload) []string {
	if !b.isFunction(w) {
		return l.kubernetes.start(b, w)
	}
	return nil // all functions are deployed at once
}

// rest deploys what the template says, all at once.
func (l lambda) rest(b *book) []string {
	var out []string
	if b.has("lambda/kubernetes/kustomization.yaml") {
		out = append(out, "kubectl apply -k lambda/kubernetes   # all that stays, and the proof that it is there")
	}
	if len(b.functions()) == 0 {
		return out
	}
	var params []string
	add := func(name string) {
		if !slices.Contains(params, name+"=…") {
			params = append(params, name+"=…")
		}
	}
	volumes := false
	for _, w := range b.functions() {
		for _, e := range w.Env {
			if p := e.Value.Param(); p != "" && !e.Value.IsSecret() {
				add(p)
			}
		}
		for _, m := range w.Mounts {
			volumes = volumes || m.Kind.Is(deploy.MountVolume)
		}
	}
	slices.Sort(params)
	deployment := "(cd lambda && sam deploy --stack-name " + b.stack() + " --resolve-s3 --resolve-image-repos --capabilities CAPABILITY_IAM"
	if volumes {
		out = append(out, "# the access points, SubnetIds and SecurityGroupIds are parameters as well: sam deploy --guided asks for each")
		params = append(params, "SubnetIds=…", "SecurityGroupIds=…")
	}
	if len(params) > 0 {
		deployment += " --parameter-overrides " + strings.Join(params, " ")
	}
	return append(out, "(cd lambda && sam validate --lint && sam build)", deployment+")")
}

func (l lambda) logs(w workload) []string {
	return append(l.kubernetes.logs(w), "# of a function: sam logs")
}

func (l lambda) check(b *book, w workload) []string {
	if !b.isFunction(w) {
		return l.kubernetes.check(b, w)
	}
	path := "/"
	for _, r := range b.app().Routes {
		if t, ok := deploy.ParseTarget(r.Match); ok && r.Workload.Is(deploy.Ref(deploy.At("workloads", w.Name))) && t.Path != "" {
			path = t.Path
		}
	}
	return []string{
		"api=$(aws cloudformation describe-stacks --stack-name " + b.stack() + ` --query "Stacks[0].Outputs[?OutputKey=='HttpApiUrl'].OutputValue" --output text)`,
		`curl -sS -o /dev/null -w '%{http_code}\n' "$api` + path + `"`,
	}
}

func (l lambda) switchOver(b *book, ws []workload) string {
	text := "Give the HTTP API the domain that the clients ask for (a certificate of ACM, and Domain of the HttpApi in lambda/template.yaml), lower the time to live of its DNS record a day before, and lead the record to the API."
	staying := slices.DeleteFunc(slices.Clone(ws), b.isFunction)
	if len(staying) == len(ws) {
		return l.kubernetes.switchOver(b, ws)
	}
	if len(staying) > 0 {
		text += " What stays on Kubernetes: " + l.kubernetes.switchOver(b, staying)
	}
	return text
}

func (l lambda) stop(b *book, w workload) []string {
	if !b.isFunction(w) {
		return l.kubernetes.stop(b, w)
	}
	if all := b.functions(); w.Name == all[len(all)-1].Name {
		return []string{"sam delete --stack-name " + b.stack() + " --no-prompts   # all functions; file systems and secrets stay"}
	}
	return nil
}

func (l lambda) restore(b *book, s state) []string {
	if !b.isFunction(s.owner) {
		return l.kubernetes.restore(b, s)
	}
	var out []string
	for _, line := range b.load(s) {
		out = append(out, "sudo tar -C "+s.path+" --numeric-owner -cf - . | "+line)
	}
	return append(append(b.aside(s), out...), b.chownBack(s)...)
}
