/** The product's mark, as public/icon.svg has it for the browser's tab. `size` in pixels. */
export function Mark({ size }: { readonly size: number }) {
  return (
    <svg className="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" fill="#0b6b74" />
      <path d="M9 9.5h14M9 16h14M9 22.5h8" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
      <circle cx="22" cy="22.5" r="2.2" fill="#ffd479" />
    </svg>
  );
}
