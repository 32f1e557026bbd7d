package dockerfile

import (
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/internal/forms"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/ledger"
)

const spec = "Dockerfile reference: "

func (r *reader) implied(where, key, value string, fields ...deploy.Path) {
	r.rec.Convert(r.rec.Implied(spec+where, key, value), fields...)
}

// nonroot are the images of distroless that have a user of their own, 65532, whose home is the working directory (GoogleContainerTools/distroless).
var nonroot = lazyregexp.New(`(^|/)distroless/[^:@]+:[^@]*nonroot`)

// settle claims what counts and sets what an image has where its Dockerfile says nothing.
func (r *reader) settle() {
	r.settleCommand()
	r.settleHealth()
	base := r.stages[len(r.stages)-1]
	for base.parent != nil {
		base = base.parent
	}
	own := nonroot.MatchString(base.from)
	r.settleUser(own)
	if !r.w.Dir.IsSet() && !r.start.dirUnknown {
		dir := "/"
		if own {
			dir = "/home/nonroot"
		}
		r.w.Dir = deploy.Some(dir)
		r.implied("WORKDIR", "WORKDIR", dir, r.at.Join("dir"))
	}
	if !r.w.Stop.Signal.IsSet() {
		r.w.Stop.Signal = deploy.Some("SIGTERM")
		r.implied("STOPSIGNAL", "STOPSIGNAL", "SIGTERM", r.at.Join("stop", "signal"))
	}
	if !r.w.Stop.Scope.IsSet() && !r.opt.without["ENTRYPOINT"] {
		r.w.Stop.Scope = deploy.Some(deploy.StopMixed)
		r.implied("STOPSIGNAL", "STOPSIGNAL: PID 1, then all", "mixed", r.at.Join("stop", "scope"))
	}
	if r.opt.alone {
		r.w.Kind = deploy.Some(deploy.Service)
		r.implied("CMD", "an image that is run", "service", r.at.Join("kind"))
	}
}

func (r *reader) settleUser(own bool) {
	at := r.at.Join("user")
	if c := r.start.user; c != nil {
		if len(c.words) == 0 {
			return // it is a step, and its text is not known
		}
		u, names, _ := forms.UserOf(c.words[0])
		r.w.User = u
		var fields []deploy.Path
		for _, n := range names {
			fields = append(fields, at.Join(n))
		}
		r.rec.Convert(c.setting, fields...)
		return
	}
	if r.opt.without["USER"] {
		return
	}
	id, text := int64(0), "0:0"
	if own {
		id, text = 65532, "65532:65532"
	}
	r.w.User.ID, r.w.User.GroupID = deploy.Some(id), deploy.Some(id)
	r.implied("USER", "USER", text, at.Join("id"), at.Join("groupID"))
}

// keys is the mapping, for lift explain and the reference pages.
func keys() []detect.Key {
	row := func(name, doc, example string, o ledger.Outcome, reason, remedy string) detect.Key {
		return detect.Key{Name: name, Section: "stage", Doc: doc, Spec: spec + name, Example: example, Outcome: o, Reason: reason, Remedy: remedy}
	}
	yes := func(name, doc, example string) detect.Key { return row(name, doc, example, ledger.Converted, "", "") }
	idle := func(name, doc, example, reason string) detect.Key {
		return row(name, doc, example, ledger.Inert, reason, "")
	}
	lost := func(name, doc, example, reason, remedy string) detect.Key {
		return row(name, doc, example, ledger.Dropped, reason, remedy)
	}
	return []detect.Key{
		yes("FROM", "begins a stage", "FROM node:22-slim AS build"),
		yes("FROM --platform", "architecture of the image", "FROM --platform=linux/arm64 alpine:3.22"),
		yes("ARG", "variable of the build", "ARG VERSION=1"),
		yes("ENV", "variable of the build and of the program", "ENV NODE_ENV=production"),
		yes("RUN", "step that runs a command", "RUN npm ci"),
		yes("RUN --mount", "mount of one step", "RUN --mount=type=cache,target=/root/.npm npm ci"),
		lost("RUN --network", "network of one step", "RUN --network=none true", "the step is run with the builder's usual network", "set it in the pipeline that builds"),
		lost("RUN --security", "privileges of one step", "RUN --security=insecure true", "builders on a platform refuse it", "let the step do without"),
		lost("RUN --device", "device of one step", "RUN --device=a true", "the step is run without it", "see that the step does without"),
		yes("COPY", "step that copies files", "COPY package.json ./"),
		yes("COPY --from", "stage or image to copy from", "COPY --from=build /a /a"),
		yes("COPY --chown", "owner of the copy", "COPY --chown=990:991 a /a"),
		yes("COPY --chmod", "permission bits of the copy", "COPY --chmod=0750 a /a"),
		idle("COPY --link", "makes a layer of its own", "COPY --link a /a", "it concerns the cache of the builder"),
		lost("COPY --exclude", "files that are not copied", "COPY --exclude=*.md . /a", "files are copied that were left out", "name them in .dockerignore"),
		lost("COPY --parents", "keeps the directories", "COPY --parents a/b /x", "the files' directories are not made", "copy each directory by itself"),
		yes("ADD", "step that copies, fetches or unpacks", "ADD a.tar.gz /a"),
		lost("ADD --checksum", "digest of what is fetched", "ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.org/a /a",
			"the content is not checked when it is fetched", "check it in a RUN step"),
		yes("WORKDIR", "working directory", "WORKDIR /srv/web"),
		yes("USER", "user and group", "USER 990:990"),
		yes("LABEL", "label of the image", "LABEL a=b"),
		yes("SHELL", "shell of the lines that are not JSON", "SHELL [\"/bin/bash\", \"-c\"]"),
		yes("ONBUILD", "step of images built from this one", "ONBUILD RUN true"),
		row("VOLUME", "anonymous volume", "VOLUME /data", ledger.Approximated, "an anonymous volume belongs to one container of Docker's and is left behind with it; no other tier makes one", "mount a named volume"),
		yes("CMD", "command, or arguments of the entrypoint", "CMD [\"node\", \"server.js\"]"),
		yes("ENTRYPOINT", "fixed front of the command", "ENTRYPOINT [\"/entry\"]"),
		yes("EXPOSE", "ports that the program listens on", "EXPOSE 8080"),
		yes("STOPSIGNAL", "signal that stops it", "STOPSIGNAL SIGINT"),
		yes("HEALTHCHECK", "health check", "HEALTHCHECK --interval=10s CMD curl -f http://localhost:8080/"),
		lost("HEALTHCHECK --start-interval", "time between two checks during the start", "HEALTHCHECK --start-interval=1s CMD /check", "a probe has one interval", "use a startup probe with an interval of its own"),
		idle("MAINTAINER", "who made it", "MAINTAINER a", "it names a person"),
		idle("# syntax", "front end of the builder", "", "it chooses the builder's front end"),
		idle("# escape", "escape character", "", "it is how this file is written"),
		idle("# check", "checks of the builder", "", "it concerns the builder's warnings"),
	}
}

// absent are the places that a Dockerfile leaves unset on minimal input. What it never speaks of is the business of what runs the image.
var absent = []detect.Absence{
	{Path: "name", Reason: "an image does not know the system that it is part of"},
	{Path: "tree", Reason: "a Dockerfile knows its context alone"},
	{Path: "place", Reason: "a Dockerfile knows its context alone"},
	{Path: "gateway", Reason: "what runs the image decides who reaches it"},
	{Path: "ingress", Reason: "what runs the image decides who reaches it"},
	{Path: "routes", Reason: "what runs the image decides who reaches it"},
	{Path: "volumes", Reason: "what runs the image provides them"},
	{Path: "workloads.*.autostart", Reason: "what runs the image decides"},
	{Path: "workloads.*.image", Reason: "an image is named when it is built"},
	{Path: "workloads.*.source", Reason: "a Dockerfile shows steps, not what they are for"},
	{Path: "workloads.*.build.back", Reason: "the context lies beside the Dockerfile"},
	{Path: "workloads.*.build.ignore", Reason: "there is no ignore file"},
	{Path: "workloads.*.build.stages.*.name", Reason: "the stage has none"},
	{Path: "workloads.*.build.stages.*.steps", Reason: "there are none"},
	{Path: "workloads.*.command", Reason: "the base image has its own"},
	{Path: "workloads.*.env", Reason: "the base image has its own"},
	{Path: "workloads.*.user.name", Reason: "an image knows ids; a name is one only where it is written"},
	{Path: "workloads.*.user.group", Reason: "an image knows ids; a name is one only where it is written"},
	{Path: "workloads.*.user.groups", Reason: "a Dockerfile cannot say it"},
	{Path: "workloads.*.user.volumes", Reason: "a Dockerfile cannot say it"},
	{Path: "workloads.*.umask", Reason: "a Dockerfile cannot say it"},
	{Path: "workloads.*.before", Reason: "a Dockerfile cannot say it"},
	{Path: "workloads.*.started", Reason: "a Dockerfile cannot say it"},
	{Path: "workloads.*.stopping", Reason: "a Dockerfile cannot say it"},
	{Path: "workloads.*.ports", Reason: "none is exposed"},
	{Path: "workloads.*.probes", Reason: "there is no health check"},
	{Path: "workloads.*.files", Reason: "what an image holds of files is part of it"},
	{Path: "workloads.*.mounts", Reason: "what runs the image provides them"},
	{Path: "workloads.*.restart", Reason: "what runs the image decides"},
	{Path: "workloads.*.start", Reason: "what runs the image decides"},
	{Path: "workloads.*.stop.grace", Reason: "what runs the image decides"},
	{Path: "workloads.*.resources", Reason: "what runs the image decides"},
	{Path: "workloads.*.scale", Reason: "what runs the image decides"},
	{Path: "workloads.*.schedule", Reason: "what runs the image decides"},
	{Path: "workloads.*.needs", Reason: "what runs the image decides"},
	{Path: "workloads.*.placement", Reason: "the image is built for the machine that builds it"},
	{Path: "workloads.*.security", Reason: "what runs the image decides"},
	{Path: "workloads.*.logging", Reason: "what runs the image decides"},
}
