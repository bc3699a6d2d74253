/** The sentences about a contact. */

export const contact = {
  label: "Contact",
  addresses: "Addresses",
  optedOut: (channels: string) => `Does not want to be written to on ${channels}`,
  properties: "Properties",
  addProperty: "Add a property",
  propertyName: "Name",
  propertyValue: "Value",
  edit: (name: string) => `Change ${name}`,
  remove: "Remove",
  save: "Save",
  refused: (detail: string) => `It was not changed: ${detail}`,
  unreachable: "the server cannot be reached.",
  linked: "The same person",
  unlink: "Unlink",
  unlinkFrom: (name: string) => `Unlink ${name}`,
  earlier: "Other conversations",
  count: (count: number) => (count === 1 ? "1 interaction" : `${count} interactions`),
  failed: "What is known of this contact could not be loaded.",
  loading: "Loading what is known of this contact",
};
