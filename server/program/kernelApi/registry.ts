import { knownConstant } from './constants.ts';
import type { FunctionContract, KernelVersion } from './contract.ts';
import { declaringMacro } from './declaring.ts';
import { allocatorFunctions } from './functions/allocators.ts';
import { confidentialFunctions } from './functions/confidential.ts';
import { dmaMemoryFunctions } from './functions/dmaMemory.ts';
import { dmaIovaFunctions, dmaStreamingFunctions } from './functions/dmaStreaming.ts';
import { dmabufFunctions } from './functions/dmabuf.ts';
import { expressionFunctions } from './functions/expressions.ts';
import { hardwareFunctions } from './functions/hardware.ts';
import { iommuFunctions } from './functions/iommu.ts';
import { iommuDriverFunctions } from './functions/iommuDriver.ts';
import { lockFunctions } from './functions/locks.ts';
import { pageReferenceFunctions, pinFunctions } from './functions/pins.ts';
import { quietFunctions } from './functions/quiet.ts';
import { scatterlistFunctions, sgTableFunctions } from './functions/scatterlist.ts';
import { vfioFunctions } from './functions/vfio.ts';
import { iteratorRoles } from './iterators.ts';
import type { KernelApi } from './kernelApi.ts';
import { isAtomicGuard } from './nameHints.ts';
import { operations } from './operations.ts';
import { comparedReleases, mayExist, newestRelease } from './versions.ts';

/** Every contract, whatever the release. */
export const allFunctions: readonly FunctionContract[] = [
  iommuFunctions, iommuDriverFunctions, dmaStreamingFunctions, dmaIovaFunctions, dmaMemoryFunctions, sgTableFunctions,
  scatterlistFunctions, confidentialFunctions, vfioFunctions, dmabufFunctions, pinFunctions, pageReferenceFunctions,
  allocatorFunctions, lockFunctions, expressionFunctions, hardwareFunctions, quietFunctions,
].flat(); // prettier-ignore

const built = new Map<KernelVersion, KernelApi>();

/** The kernel's interfaces as of a release; built once per release. */
export function kernelApi(version: KernelVersion): KernelApi {
  let api = built.get(version);
  if (api === undefined) {
    const functions = allFunctions.filter(({ since, until }) => mayExist(since, until, version));
    built.set(version, (api = buildApi(version, functions)));
  }
  return api;
}

let ofAnyAge: KernelApi | undefined;

/** For code of which nobody says the release: the newest one, and the forms that only older ones had. */
export function kernelApiOfAnyAge(): KernelApi {
  if (ofAnyAge === undefined) {
    const forms = new Map<string, FunctionContract>();
    for (const release of comparedReleases.toReversed()) {
      for (const contract of kernelApi(release).functions) {
        const key = `${contract.name}/${contract.params.length}`;
        if (!forms.has(key)) forms.set(key, contract);
      }
    }
    ofAnyAge = buildApi(newestRelease, [...forms.values()]);
  }
  return ofAnyAge;
}

function buildApi(version: KernelVersion, functions: readonly FunctionContract[]): KernelApi {
  const present = operations.filter(({ since, until }) => mayExist(since, until, version));
  const byName = new Map<string, FunctionContract[]>();
  for (const contract of functions) {
    const forms = byName.get(contract.name);
    if (forms === undefined) byName.set(contract.name, [contract]);
    else forms.push(contract);
  }
  const byField = new Map(present.map((entry) => [`${entry.struct}.${entry.field}`, entry]));
  return {
    version,
    find(name, argumentCount) {
      const forms = byName.get(name);
      if (forms === undefined || forms.length === 1 || argumentCount === undefined)
        return forms?.[0];
      return forms.find(({ params }) => params.length === argumentCount) ?? forms[0];
    },
    forms: (name) => byName.get(name) ?? [],
    operation: (struct, field) => byField.get(`${struct}.${field}`),
    iterator: iteratorRoles,
    constant: knownConstant,
    declaring: declaringMacro,
    isConditionalGuard: (guardClass) => /_(?:try|intr|kill)$/.test(guardClass),
    isAtomicGuard,
    functions,
    operations: present,
  };
}
