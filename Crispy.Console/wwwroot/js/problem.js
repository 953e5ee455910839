/// Why an answer is none, in words: problem details (RFC 9457), or its status.
export async function reason(answer) {
    const problem = await answer.json().catch(() => null);
    const errors = Object.values(problem?.errors ?? {}).flat().join(" ");
    return problem?.detail ?? (errors || `the console answered ${answer.status}`);
}
