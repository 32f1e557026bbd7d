package podspec

import (
	"slices"

	"github.com/deploylift/lift/detect"
)

// Keys lists the rows of all tables that every format with pods has in common.
func Keys() []detect.Key {
	return slices.Concat(
		MetaTable.Keys(), PodTable.Keys(), podSecurity.Keys(), osTable.Keys(), VolumeTable.Keys(), claimTable.Keys(), emptyDirTable.Keys(), hostTable.Keys(),
		ContainerTable.Keys(), PortTable.Keys(), envFromTable.Keys(), envTable.Keys(), valueFromTable.Keys(), refTable.Keys(), resourceTable.Keys(), limitTable.Keys(), requestTable.Keys(),
		containerSecurity.Keys(), seccompTable.Keys(), capabilityTable.Keys(), MountTable.Keys(), ProbeTable.Keys(), httpTable.Keys(), tcpTable.Keys(), execProbeTable.Keys(),
		stepTable.Keys(), lifecycleTable.Keys(), hookTable.Keys(), ConfigTable.Keys(), SecretTable.Keys(), KustomizationTable.Keys(),
	)
}
