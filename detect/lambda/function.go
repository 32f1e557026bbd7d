package lambda

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/internal/forms"
	"github.com/deploylift/lift/detect/internal/podspec"
	"github.com/deploylift/lift/detect/internal/secret"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/ledger"
)

// function is one AWS::Serverless::Function while it is read.
type function struct {
	*system
	m    *deploy.Workload
	at   deploy.Path
	root yamldoc.Node

	context, dockerfile yamldoc.Node
	imageURI            yamldoc.Node
	entry, command      yamldoc.Node
	timeout             yamldoc.Node
	retries             yamldoc.Node
	reserved            yamldoc.Node
	adapter             map[string]yamldoc.Node // AWS_LWA_ variables
	events              []event
	schedules           int
	image               image
}

var functionTable = podspec.Table[*function]{Section: "Function", Rows: []podspec.Row[*function]{
	{Key: "Type", Doc: "kind of resource", Spec: apiFunction, Outcome: ledger.Inert, Reason: "it says what the resource is"},
	{Key: "Metadata.DockerContext", Doc: "directory that the image is built of", Spec: apiFunction, Example: "./web", Read: func(f *function, n yamldoc.Node) {
		f.context = n
		f.Show(n, "what is built there says what the image is")
	}},
	{Key: "Metadata.Dockerfile", Doc: "how the image is built", Spec: apiFunction, Example: "Dockerfile", Read: func(f *function, n yamldoc.Node) { f.dockerfile = n; f.Show(n, "what it says is read there") }},
	{Key: "Metadata.DockerTag", Doc: "tag of the image that is built", Spec: apiFunction, Outcome: ledger.Inert, Reason: "it names what is built, on the way to its registry"},
	{Key: "Metadata", Doc: "notes for tools", Spec: apiFunction, Outcome: ledger.Inert, Reason: "it is for tools"},
	{Key: "Properties.PackageType", Doc: "Image or Zip", Spec: apiFunction, Example: "Image", Read: func(f *function, n yamldoc.Node) {
		if v, ok := f.OneOf(n, "Image", "Zip"); ok && v == "Zip" {
			f.Rec.Drop(n.Setting(), "code in an archive is no program that runs elsewhere", "build an image of it")
			f.Rec.Find(ledger.Warning, n.Pos(), n.Path+" dropped: code in an archive is no program that runs elsewhere", "build an image of it")
		} else if ok {
			f.Rec.Inert(n.Setting(), "the image is what it says")
		}
	}},
	{Key: "Properties.ImageUri", Doc: "image", Spec: apiFunction, Example: "shop/web:1.0", Read: func(f *function, n yamldoc.Node) {
		if v, ok := f.Name(n); ok {
			f.imageURI = n
			podspec.Set(f.Reader, n, &f.m.Image, v, f.at.Join("image"))
		}
	}},
	{Key: "Properties.Architectures", Doc: "x86_64 or arm64", Spec: apiFunction, Example: "[x86_64]", Read: func(f *function, n yamldoc.Node) {
		f.Each(n, func(item yamldoc.Node) {
			if v, ok := f.OneOf(item, "x86_64", "arm64"); ok {
				podspec.Set(f.Reader, item, &f.m.Placement.Arch, map[string]string{"x86_64": "amd64", "arm64": "arm64"}[v], f.at.Join("placement", "arch"))
			}
		})
	}},
	{Key: "Properties.MemorySize", Doc: "memory in MiB", Spec: apiFunction, Example: "256", Read: func(f *function, n yamldoc.Node) {
		if v, ok := f.Int(n, 128, 10240); ok {
			podspec.Set(f.Reader, n, &f.m.Resources.Memory.Limit, deploy.Bound(deploy.Bytes(v)<<20), f.at.Join("resources", "memory", "limit"))
		}
	}},
	{Key: "Properties.Timeout", Doc: "seconds that a request or a run may take", Spec: apiFunction, Example: "30", Read: func(f *function, n yamldoc.Node) {
		if _, ok := f.Int(n, 1, 900); ok {
			f.timeout = n
		}
	}},
	{Key: "Properties.ImageConfig.EntryPoint", Doc: "the program, in place of the image's", Spec: apiFunction, Example: "[node, server.js]", Read: func(f *function, n yamldoc.Node) { f.entry = n }},
	{Key: "Properties.ImageConfig.Command", Doc: "arguments of the program", Spec: apiFunction, Example: "[--all]", Read: func(f *function, n yamldoc.Node) { f.command = n }},
	{Key: "Properties.ImageConfig.WorkingDirectory", Doc: "working directory", Spec: apiFunction, Example: "/srv", Read: func(f *function, n yamldoc.Node) {
		if v, ok := f.Name(n); ok {
			podspec.Set(f.Reader, n, &f.m.Dir, v, f.at.Join("dir"))
		}
	}},
	{Key: "Properties.Environment.Variables", Doc: "environment variables", Spec: apiFunction, Example: "{LEVEL: info}", Read: (*function).env},
	{Key: "Properties.EphemeralStorage.Size", Doc: "MiB of /tmp", Spec: apiFunction, Example: "512", Read: func(f *function, n yamldoc.Node) {
		if v, ok := f.Int(n, 512, 10240); ok {
			at := f.at.Join("mounts", "/tmp")
			mount := deploy.Mount{Path: "/tmp", Kind: deploy.Some(deploy.MountTmpfs), Size: deploy.Some(deploy.Bytes(v) << 20)}
			f.m.Mounts = append(f.m.Mounts, mount)
			f.Rec.Convert(n.Setting(), at.Join("kind"), at.Join("size"))
		}
	}},
	{Key: "Properties.FileSystemConfigs", Doc: "file system of EFS", Spec: apiFunction, Example: "[{Arn: {Ref: DataAccessPoint}, LocalMountPath: /mnt/data}]", Read: func(f *function, n yamldoc.Node) {
		f.Each(n, func(item yamldoc.Node) {
			fs := &fileSystem{function: f}
			fileSystemTable.Apply(f.Reader, fs, item)
			fs.finish(item)
		})
	}},
	{Key: "Properties.VpcConfig", Doc: "network of the function", Spec: apiFunction, Example: "{SubnetIds: [subnet-1], SecurityGroupIds: [sg-1]}", Outcome: ledger.Inert, Reason: ownNetwork, Read: func(f *function, n yamldoc.Node) { vpcTable.Apply(f.Reader, f, n) }},
	{Key: "Properties.Policies", Doc: "rights in the account", Spec: apiFunction, Outcome: ledger.Inert, Reason: "rights in the account mean nothing elsewhere"},
	{Key: "Properties.Role", Doc: "rights in the account", Spec: apiFunction, Outcome: ledger.Inert, Reason: "rights in the account mean nothing elsewhere"},
	{Key: "Properties.ReservedConcurrentExecutions", Doc: "how many run at a time", Spec: apiFunction, Example: "1", Read: func(f *function, n yamldoc.Node) {
		if _, ok := f.Int(n, 0, 1<<31-1); ok {
			f.reserved = n
		}
	}},
	{Key: "Properties.EventInvokeConfig.MaximumRetryAttempts", Doc: "how often a run that failed is tried again", Spec: apiFunction, Example: "0", Read: func(f *function, n yamldoc.Node) {
		if _, ok := f.Int(n, 0, 2); ok {
			f.retries = n
		}
	}},
	{Key: "Properties.Events", Doc: "what starts the function", Spec: apiFunction, Example: "{All: {Type: HttpApi}}", Read: func(f *function, n yamldoc.Node) {
		f.Pairs(n, func(key string, v yamldoc.Node) { f.event(v) })
	}},
	{Key: "Properties.Tags", Doc: "tags; system and workload name what the function belongs to", Spec: apiFunction, Example: "{workload: web}", Read: func(f *function, n yamldoc.Node) {
		f.Pairs(n, func(key string, v yamldoc.Node) {
			switch key {
			case "system":
				f.AppName(v)
			case "workload":
				f.Rec.Show(v.Setting())
				f.Rec.Convert(v.Setting(), f.at)
			default:
				f.Show(v, "tags do nothing")
			}
		})
	}},
	{Key: "Properties.FunctionName", Doc: "name of the function", Spec: apiFunction, Outcome: ledger.Inert, Reason: "others call it by its routes"},
	{Key: "Properties.Description", Doc: "what it is", Spec: apiFunction, Outcome: ledger.Inert, Reason: "it is for people"},
}}

func (s *system) function(key string, v yamldoc.Node) {
	name, tag := nameOf(key, v)
	if i := slices.IndexFunc(s.out, func(w deploy.Workload) bool { return w.Name == name }); i >= 0 {
		s.Rec.Find(ledger.Error, v.KeyPos(), "Resources."+key+": another function is the workload "+name, "give it another tag workload")
		s.Drop(v, "another function is the workload "+name, "")
		return
	}
	if at, stays := s.stays.Named[name]; stays {
		s.Rec.Find(ledger.Error, v.KeyPos(), "Resources."+key+": a workload of the same name stays on Kubernetes: "+at.String(), "remove one of them")
		s.Drop(v, "a workload of the same name stays on Kubernetes", "")
		return
	}
	f := &function{system: s, m: &deploy.Workload{Name: name}, at: deploy.At("workloads", name), root: v, adapter: map[string]yamldoc.Node{}}
	s.Rec.Place(f.at, v.KeyPos())
	if env := v.Get("Properties", "Environment", "Variables"); env.Exists() {
		s.Rec.Place(f.at.Join("env"), env.KeyPos())
	}
	_ = tag
	functionTable.Apply(s.Reader, f, v)
	f.finish()
	s.out = append(s.out, *f.m)
}

var dynamic = lazyregexp.New(`^\{\{resolve:secretsmanager:([^:{}]+):SecretString:([^:{}]+)\}\}$`)

// env reads the variables. Those of the Lambda Web Adapter say how it speaks to the program.
func (f *function) env(n yamldoc.Node) {
	f.Pairs(n, func(key string, v yamldoc.Node) {
		at := f.at.Join("env", key, "value")
		if strings.HasPrefix(key, "AWS_LWA_") {
			f.adapter[key] = v
			f.Rec.Show(v.Setting())
			return
		}
		if ref := v.Get("Ref"); v.IsMap() && ref.IsScalar() {
			f.Rec.Show(ref.Setting())
			if !f.refs[ref.Str()] {
				f.Bad(ref, "refers to no parameter", "add it to Parameters")
				return
			}
			f.m.Env = append(f.m.Env, deploy.Env{Name: key, Value: deploy.Param(ref.Str(), false)})
			f.Rec.Convert(ref.Setting(), at)
			return
		}
		if !v.IsScalar() {
			reason, remedy := "lift does not compute functions of CloudFormation", "write the text, or a parameter (Ref)"
			f.Drop(v, reason, remedy)
			f.Rec.Find(ledger.Warning, v.Pos(), v.Path+" dropped: "+reason, remedy)
			return
		}
		text := v.Str() // CloudFormation takes numbers and truth values for texts
		value := deploy.Plain(text)
		if g := dynamic.FindStringSubmatch(text); g != nil {
			value = deploy.Param(g[1]+"/"+g[2], true)
			f.Rec.Show(v.Setting())
		} else if secret.Looks(key, text) {
			value = deploy.Secret(text)
			f.Rec.Find(ledger.Warning, v.Pos(), v.Path+" holds what looks like a secret: everybody who may read the template can read it", "move it to Secrets Manager and refer to it: {{resolve:secretsmanager:NAME:SecretString:KEY}}")
		} else {
			f.Rec.Show(v.Setting())
		}
		f.m.Env = append(f.m.Env, deploy.Env{Name: key, Value: value})
		f.Rec.Convert(v.Setting(), at)
	})
}

// fileSystem is one FileSystemConfig while it is read.
type fileSystem struct {
	*function
	arn, place yamldoc.Node
}

var fileSystemTable = podspec.Table[*fileSystem]{Section: "FileSystemConfig", Rows: []podspec.Row[*fileSystem]{
	{Key: "Arn", Doc: "access point of the file system", Spec: apiFunction, Example: "{Ref: DataAccessPoint}", Read: func(f *fileSystem, n yamldoc.Node) { f.arn = n }},
	{Key: "LocalMountPath", Doc: "where it is, below /mnt", Spec: apiFunction, Example: "/mnt/data", Read: func(f *fileSystem, n yamldoc.Node) {
		if _, ok := f.Name(n); ok {
			f.place = n
		}
	}},
}}

func (f *fileSystem) finish(item yamldoc.Node) {
	if !f.place.Exists() || !f.arn.Exists() {
		f.Drop(item, "a file system has an access point and a place", "write both")
		f.Rec.Find(ledger.Error, item.Pos(), item.Path+" has no Arn or no LocalMountPath", "write both")
		return
	}
	ref := f.arn
	if r := f.arn.Get("Ref"); f.arn.IsMap() && r.IsScalar() {
		ref = r
	}
	if !ref.IsScalar() {
		f.Drop(f.arn, "lift does not compute functions of CloudFormation", "write a parameter (Ref)")
		f.Drop(f.place, "its file system is not known", "")
		return
	}
	volume := f.volumes[ref.Str()]
	named := volume != ""
	if !named {
		volume = path.Base(f.place.Str())
		f.Volume(volume)
	}
	at := f.at.Join("mounts", f.place.Str())
	f.m.Mounts = append(f.m.Mounts, deploy.Mount{Path: f.place.Str(), Kind: deploy.Some(deploy.MountVolume), Volume: deploy.Some(deploy.Ref(deploy.At("volumes", volume)))})
	f.Rec.Show(ref.Setting())
	f.Rec.Convert(ref.Setting(), at.Join("volume"))
	if !named {
		f.Rec.Part(ref.Setting(), deploy.At("volumes", volume))
	}
	f.Rec.Convert(f.place.Setting(), at.Join("kind"))
}

// finish settles what the parts of a function make together.
func (f *function) finish() {
	f.readImage()
	f.words()
	f.reachesFiles()
	cron := f.schedules > 0
	kind := deploy.Service
	if cron {
		kind = deploy.Cron
	}
	imply := func(key string) string { return "Properties." + key }
	podspec.Imply(f.Reader, apiFunction, imply("Events"), &f.m.Kind, kind, f.at.Join("kind"))
	podspec.Imply(f.Reader, apiFunction, imply("Architectures"), &f.m.Placement.Arch, "amd64", f.at.Join("placement", "arch"))
	podspec.Imply(f.Reader, apiFunction, imply("MemorySize"), &f.m.Resources.Memory.Limit, deploy.Bound(deploy.Bytes(128<<20)), f.at.Join("resources", "memory", "limit"))
	podspec.Imply(f.Reader, apiFunction, imply("Events"), &f.m.Autostart, true, f.at.Join("autostart"))
	if cron {
		f.finishJob()
	} else {
		f.finishService()
	}
}

func (f *function) finishJob() {
	run := f.at.Join("start", "run")
	if n, ok := f.timeout.Int(); ok && f.timeout.Exists() {
		podspec.Set(f.Reader, f.timeout, &f.m.Start.Run, deploy.Bound(time.Duration(n)*time.Second), run)
	}
	podspec.Imply(f.Reader, apiFunction, "Properties.Timeout", &f.m.Start.Run, deploy.Bound(3*time.Second), run)
	policy, attempts := f.at.Join("restart", "policy"), f.at.Join("restart", "attempts")
	n, has := int64(2), f.retries.Exists()
	if has {
		n, _ = f.retries.Int()
	}
	setting := 0
	if has {
		setting = f.retries.Setting()
	} else {
		setting = f.Rec.Implied(apiFunction, "Properties.EventInvokeConfig.MaximumRetryAttempts", "2")
	}
	f.m.Restart.Policy = deploy.Some(deploy.RestartNo)
	fields := []deploy.Path{policy}
	if n > 0 {
		f.m.Restart.Policy, f.m.Restart.Attempts = deploy.Some(deploy.RestartOnFailure), deploy.Some(deploy.Bound(n))
		fields = append(fields, attempts)
	}
	f.Rec.Convert(setting, fields...)
	overlap := f.at.Join("schedule", "overlap")
	if f.reserved.Exists() {
		if v, _ := f.reserved.Int(); v == 1 {
			podspec.Set(f.Reader, f.reserved, &f.m.Schedule.Overlap, false, overlap)
		} else {
			f.Rec.Drop(f.reserved.Setting(), "the model knows one run at a time or any number", "bound the runs on the target")
		}
	}
	podspec.Imply(f.Reader, apiFunction, "Properties.ReservedConcurrentExecutions", &f.m.Schedule.Overlap, true, overlap)
	for key, n := range f.adapter {
		f.Rec.Inert(n.Setting(), "nothing asks a function with a schedule by "+key)
	}
}

// adapterRows are the variables of the Lambda Web Adapter.
var adapterRows = []detect.Key{
	{Name: "AWS_LWA_PORT", Doc: "port that the program listens on", Example: "8080", Outcome: ledger.Converted},
	{Name: "AWS_LWA_READINESS_CHECK_PORT", Doc: "port that is asked whether the program takes requests", Example: "8081", Outcome: ledger.Converted},
	{Name: "AWS_LWA_READINESS_CHECK_PATH", Doc: "path that is asked", Example: "/healthz", Outcome: ledger.Converted},
	{Name: "AWS_LWA_READINESS_CHECK_PROTOCOL", Doc: "http or tcp", Example: "tcp", Outcome: ledger.Converted},
	{Name: "AWS_LWA_READINESS_CHECK_MIN_UNHEALTHY_STATUS", Doc: "lowest status that means no", Example: "400", Outcome: ledger.Inert, Reason: "400 and above mean no everywhere"},
	{Name: "AWS_LWA_REMOVE_BASE_PATH", Doc: "path that is taken away before the program sees it", Example: "/api", Outcome: ledger.Converted},
}

func adapterKeys() []detect.Key {
	out := slices.Clone(adapterRows)
	for i := range out {
		out[i].Section, out[i].Spec = "adapter", apiAdapter
	}
	return out
}

// finishService reads how the adapter speaks to the program, and which routes lead to it.
func (f *function) finishService() {
	f.requestTime()
	if f.retries.Exists() {
		f.Rec.Inert(f.retries.Setting(), "requests are not tried again")
	}
	if f.reserved.Exists() {
		f.Rec.Drop(f.reserved.Setting(), "the model does not bound how many run where the platform decides", "set the bound on the target")
	}
	podspec.Imply(f.Reader, apiFunction, "restarts", &f.m.Restart.Policy, deploy.RestartAlways, f.at.Join("restart", "policy"))
	if !f.image.adapter {
		for _, n := range f.adapter {
			f.Rec.Drop(n.Setting(), "the image has no Lambda Web Adapter that would read it", "add the adapter to the image, or remove the variable")
		}
		for _, e := range f.events {
			e.drop("the image has no Lambda Web Adapter: its program takes events, not requests", "write the program's own HTTP server, and add the adapter")
		}
		return
	}
	number, ok := int64(8080), true
	port := f.adapter["AWS_LWA_PORT"]
	if port.Exists() {
		number, ok = f.number(port)
	}
	ready, asked := number, true
	by := f.adapter["AWS_LWA_READINESS_CHECK_PORT"]
	if by.Exists() {
		ready, asked = f.number(by)
	}
	if !ok || !asked {
		for _, n := range f.adapter {
			if !f.Rec.Accounted(n.Setting()) {
				f.Rec.Drop(n.Setting(), "the port of the program is not known", "")
			}
		}
		for _, e := range f.events {
			e.drop("the port of the program is not known", "mend it")
		}
		return
	}
	key := strconv.FormatInt(number, 10) + "/tcp"
	at := f.at.Join("ports", key)
	f.m.Ports = []deploy.Port{{Number: key, Protocol: deploy.Some("http")}}
	probe := f.at.Join("probes", "readiness")
	f.m.Probes.Readiness.Port = deploy.Some(ready)
	fields := []deploy.Path{at.Join("protocol")}
	if by.Exists() {
		f.Rec.Convert(by.Setting(), probe.Join("port"))
	} else {
		fields = append(fields, probe.Join("port"))
	}
	if port.Exists() {
		f.Rec.Part(port.Setting(), fields...)
	} else {
		f.Rec.Convert(f.Rec.Implied(apiAdapter, "AWS_LWA_PORT", "8080"), fields...)
	}
	tcp := false
	if p := f.adapter["AWS_LWA_READINESS_CHECK_PROTOCOL"]; p.Exists() {
		tcp = p.Str() == "tcp"
		f.Rec.Inert(p.Setting(), "without a path it asks by TCP")
	}
	p := f.adapter["AWS_LWA_READINESS_CHECK_PATH"]
	switch {
	case p.Exists() && tcp:
		f.Rec.Override(p.Setting(), "it asks by TCP")
	case p.Exists():
		f.m.Probes.Readiness.Path = deploy.Some(p.Str())
		f.Rec.Convert(p.Setting(), probe.Join("path"))
	case !tcp:
		f.m.Probes.Readiness.Path = deploy.Some("/")
		f.Rec.Convert(f.Rec.Implied(apiAdapter, "AWS_LWA_READINESS_CHECK_PATH", "/"), probe.Join("path"))
	}
	base := f.adapter["AWS_LWA_REMOVE_BASE_PATH"]
	f.routes(number, base)
	for name, n := range f.adapter {
		if !f.Rec.Accounted(n.Setting()) {
			i := slices.IndexFunc(adapterRows, func(k detect.Key) bool { return k.Name == name })
			switch {
			case i >= 0 && name == "AWS_LWA_REMOVE_BASE_PATH":
				f.Rec.Inert(n.Setting(), "no route begins with it")
			case i >= 0 && n.Str() == "400":
				f.Rec.Inert(n.Setting(), adapterRows[i].Reason)
			default:
				reason, remedy := "the model has no word for it", "see what it does on the target"
				f.Rec.Drop(n.Setting(), reason, remedy)
				f.Rec.Find(ledger.Warning, n.Pos(), n.Path+" dropped: "+reason, remedy)
			}
		}
	}
}

func (f *function) number(n yamldoc.Node) (int64, bool) {
	v, err := strconv.ParseInt(n.Str(), 10, 32)
	if err != nil || v < 1 || v > 65535 {
		f.Bad(n, fmt.Sprintf("%q is no port", n.Str()), "write a number from 1 to 65535")
		return 0, false
	}
	return v, true
}

// words reads the command line. Behind the runtime of lift it is what the runtime runs.
func (f *function) words() {
	texts := func(n yamldoc.Node) []string {
		var out []string
		f.Each(n, func(item yamldoc.Node) {
			if v, ok := f.Text(item); ok {
				f.Rec.Show(item.Setting())
				out = append(out, v)
			}
		})
		return out
	}
	entry, command := texts(f.entry), texts(f.command)
	all := append(slices.Clone(entry), command...)
	if len(all) == 0 {
		return
	}
	f.m.Command = forms.CommandOf(all)
	fields := forms.CommandFields(f.m.Command, f.at.Join("command"))
	for _, n := range []yamldoc.Node{f.entry, f.command} {
		for _, item := range n.Items() {
			if !f.Rec.Accounted(item.Setting()) {
				f.Rec.Part(item.Setting(), fields...)
			}
		}
	}
	if len(command) > 0 && len(entry) == 0 && !f.image.runtime {
		f.Rec.Find(ledger.Warning, f.command.Pos(), f.command.Path+": the image's own entry point stands before these arguments, and the template does not show it", "write the whole command: EntryPoint")
	}
}
