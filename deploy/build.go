package deploy

// Build is the recipe of an image. The last stage is the image; what the program's start is made of (command, user, working directory, ports, stop signal) stands in the Workload.
type Build struct {
	Context Opt[string] `sample:"../src/shop/web"` // directory that is sent to the builder, slash path relative to the output
	File    Opt[string] `sample:"web/Dockerfile"`  // the recipe's own path in the output
	Back    Opt[string] `sample:"../../../out"`    // leads from the context to the output where the context lies outside of it
	Ignore  List        `sample:".git|node_modules"`
	Stages  []Stage
}

// Stage is one stage of a multi-stage build, in order.
type Stage struct {
	Name  Opt[string] `sample:"build"`
	From  Opt[string] `sample:"node:22-bookworm-slim"` // image or earlier stage
	Steps []Step
}

// Step is one instruction of a stage.
type Step struct {
	Verb   Opt[string] `sample:"copy"` // run, copy, workdir, env, arg, user, label, shell
	Args   List        `sample:"package.json|./"`
	From   Opt[string] `sample:"other"`                        // copy: stage or image
	Owner  Opt[string] `sample:"990:991"`                      // copy: uid:gid
	Mode   Opt[string] `sample:"0750"`                         // copy: permission bits
	Mounts List        `sample:"type=cache,target=/root/.npm"` // run: BuildKit mounts, one text each
}
