// `npm run demo:seed001`: pKVM and the SMMU. The series of the thread is in no tree, and most of it is what CPU,
// SMMU and hypervisor observe: every row is a scenario of the model.
import { runScenarios } from './cRows.mjs';

console.log(
  'seed 001: no C of it is in the trees (drivers/iommu/arm/arm-smmu-v3/pkvm is the series itself)',
);
const wrong = await runScenarios('S001');
console.log(wrong === 0 ? 'all as expected' : `${wrong} wrong`);
process.exitCode = wrong === 0 ? 0 : 1;
