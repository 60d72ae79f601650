/** The verbs of every kind: one generic path serves them all. */
export const objectVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
