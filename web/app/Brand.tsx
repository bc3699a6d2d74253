import { say } from "./strings";

/** The mark and the name. */
export function Brand() {
  return (
    <div className="brand">
      <Mark />
      {say.product}
    </div>
  );
}

export function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="#0f6b58" />
      <path d="M8 25V15a8 8 0 0 1 16 0v10h-5V15a3 3 0 0 0-6 0v10z" fill="#fff" />
    </svg>
  );
}
